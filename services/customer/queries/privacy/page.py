"""The report about a person as a page that can be read, printed and handed over; without any script."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

from chassis.i18n import t
from chassis.jsonio import dumps
from services.customer.model.labels import label_in
from services.customer.store.record_type import Record, RecordType

_STYLE = ("body{font:14px/1.5 system-ui,sans-serif;max-width:860px;margin:32px auto;padding:0 16px;color:#1c2430}"
          "h1{font-size:22px}h2{font-size:16px;margin-top:28px;border-bottom:1px solid #dde2ea;padding-bottom:4px}"
          "table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:4px 10px 4px 0;"
          "border-bottom:1px solid #eef1f5;overflow-wrap:anywhere}th{color:#667085;font-weight:500;width:30%}"
          "small{color:#667085}")
_PARTS = ("consents", "related", "files", "mails", "tasks", "segments", "told", "history")


def report_page(record_type: RecordType, report: Record, locale: str) -> Iterator[bytes]:
    """The page, piece by piece."""
    title = str(report["record"].get(record_type.definition.title_field) or report["id"])
    heading = t("customer.privacy.title", locale, name=title)
    yield (f'<!doctype html><html lang="{escape(locale)}"><head><meta charset="utf-8"><title>{escape(heading)}</title>'
           f"<style>{_STYLE}</style></head><body><h1>{escape(heading)}</h1>"
           f"<p><small>{escape(report['made_at'])} · {escape(report['object'])} · {escape(report['id'])}</small></p>"
           ).encode()
    if not report["complete"]:
        yield f"<p><strong>{escape(t('customer.privacy.incomplete', locale))}</strong></p>".encode()
    for name in report["unreachable"]:
        yield f"<p><strong>{escape(t('customer.privacy.unreachable', locale, service=name))}</strong></p>".encode()
    for part, is_personal in (("personal", True), ("other", False)):
        yield f"<h2>{escape(t(f'customer.privacy.{part}', locale))}</h2>".encode()
        yield _table(_record_rows(record_type, report, locale, is_personal)).encode()
    for part in _PARTS:
        lines = report[part]
        yield f"<h2>{escape(t(f'customer.privacy.{part}', locale))} ({len(lines)})</h2>".encode()
        for line in lines:
            yield _table((name, value) for name, value in line.items() if value not in (None, [], {})).encode()
    yield b"</body></html>"


def _record_rows(record_type: RecordType, report: Record, locale: str, is_personal: bool) -> Iterator[tuple[str, Any]]:
    labels, personal = report["record"].get("_labels", {}), report["personal_fields"]
    for name, value in report["record"].items():
        if value is not None and name != "_labels" and (name in personal) == is_personal:
            field = record_type.fields.get(name)
            yield (label_in(field.label, locale, name) if field else name), labels.get(name, value)


def _table(rows: Iterable[tuple[str, Any]]) -> str:
    cells = "".join(f"<tr><th>{escape(name)}</th><td>{escape(_words(value))}</td></tr>" for name, value in rows)
    return f"<table>{cells}</table>"


def _words(value: Any) -> str:
    return value if isinstance(value, str) else dumps(value)
