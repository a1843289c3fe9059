"""An empty sheet to fill in: a column for each field that the caller may write, and a page that explains them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from chassis.auth.principal import Principal
from chassis.i18n import t
from chassis.spreadsheets import sheet_name, workbook
from services.customer.model.mapping.targets import Target
from services.customer.model.sheets.cells import column_letter
from services.customer.queries.export import FORMATS, Sheet
from services.customer.usecases.imports.plan import importing_access, writable_targets

if TYPE_CHECKING:
    from chassis.service import Service

_EXAMPLES: Mapping[str, str] = {
    "text": "", "long_text": "", "integer": "12", "decimal": "12.50", "money": "100,000.00", "percent": "35%",
    "date": "2026-03-01", "datetime": "2026-03-01 14:30", "phone": "138 0013 8000", "email": "wang.fang@example.com",
    "url": "https://www.example.com", "region": "浙江省/杭州市",
    "address": "浙江省/杭州市/西湖区/文三路 1 号",
}
_LIST_ROWS = 5000


@dataclass(frozen=True)
class _Line:
    title: str
    needed: bool
    kind: str
    example: str
    choices: list[str]


def template(service: Service, principal: Principal, object_name: str, kind: str) -> tuple[str, Iterator[bytes]]:
    """Name and bytes of the template of an object, as `xlsx` or `csv`; raises 403 and 404."""
    access = importing_access(service, principal, object_name)
    lines = [_line(target, principal.locale) for target in writable_targets(access).values()]
    label = access.record_type.definition.plural.get(principal.locale) or object_name
    name = t("customer.import.template", principal.locale, object=label)
    if kind == "csv":
        return name, FORMATS["csv"].write(Sheet(name, [line.title for line in lines], iter(()), 0))
    return name, iter([_workbook(lines, label, principal.locale)])


def _line(target: Target, locale: str) -> _Line:
    choices = [choice["label"].get(locale) or choice["value"] for choice in target.options.get("choices", ())]
    yes, no = t("customer.export.yes", locale), t("customer.export.no", locale)
    example = choices[0] if choices else yes if target.type == "boolean" else _EXAMPLES.get(target.type, "")
    return _Line(target.title(locale), target.needed, t(f"customer.import.kind.{target.type}", locale),
                 example, choices if choices else [yes, no] if target.type == "boolean" else [])


def _workbook(lines: list[_Line], label: str, locale: str) -> bytes:
    file = BytesIO()
    with workbook(file) as book:
        guide_name = t("customer.import.guide", locale)
        sheet, guide = book.add_worksheet(sheet_name(label, [guide_name])), book.add_worksheet(guide_name)
        _write_guide(guide, lines, locale, book.add_format({"bold": True}))
        head = {True: book.add_format({"bold": True, "bg_color": "#FDE68A"}), False: book.add_format({"bold": True})}
        for column, line in enumerate(lines):
            sheet.write_string(0, column, line.title, head[line.needed])
            sheet.set_column(column, column, max(12, min(40, len(line.title) * 2 + 4)))
            _offer(sheet, guide.get_name(), column, line)
        sheet.freeze_panes(1, 0)
    return file.getvalue()


def _write_guide(guide: Any, lines: list[_Line], locale: str, bold: Any) -> None:
    heads = ("field", "needed", "kind", "example", "choices")
    for column, head in enumerate(heads):
        guide.write_string(0, column, t(f"customer.import.guide.{head}", locale), bold)
    said = {True: t("customer.export.yes", locale), False: t("customer.export.no", locale)}
    for row, line in enumerate(lines, 1):
        for column, text in enumerate((line.title, said[line.needed], line.kind, line.example, *line.choices)):
            guide.write_string(row, column, text)
    guide.set_column(0, len(heads) - 1, 22)
    guide.freeze_panes(1, 1)


def _offer(sheet: Any, guide: str, column: int, line: _Line) -> None:
    """Offer the choices of a column as a list in each of its cells."""
    if line.choices:
        row, last = column + 1, 3 + len(line.choices)
        sheet.data_validation(1, column, _LIST_ROWS, column, {
            "validate": "list", "error_type": "warning",
            "source": f"='{guide}'!$E${row + 1}:${column_letter(last)}${row + 1}"})
