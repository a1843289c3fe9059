"""A board, or one of its widgets, as a file for one person: what he may see, of objects that he may export.

A workbook has a sheet per widget, a document (PDF) and a picture (PNG) show the board as the screen does; CSV holds one
widget.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from chassis.auth.principal import Principal
from chassis.clock import from_wire, utcnow
from chassis.http.problem import FieldProblem, Problem, invalid, not_found
from chassis.i18n import localised, t
from chassis.spreadsheets import CSV, XLSX
from services.report.queries.dashboards import answer_widgets
from services.report.queries.export.drawing import write_pdf, write_png
from services.report.queries.export.drawing.cards import Card, Sheet
from services.report.queries.export.drawing.charts import Charts
from services.report.queries.export.drawing.cross import crossed
from services.report.queries.export.drawing.fonts import font
from services.report.queries.export.tables import Table, table_of
from services.report.queries.export.writers import Cover, write_csv, write_xlsx

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
Asked = Sequence[tuple[Row, Row]]  # widgets, each with its question
MEDIA_TYPES: Mapping[str, str] = {"xlsx": XLSX, "csv": CSV, "pdf": "application/pdf", "png": "image/png"}
_DRAWN: Mapping[str, Callable[[Sheet], bytes]] = {"pdf": write_pdf, "png": write_png}
_ALONE: Mapping[str, int] = {"x": 0, "y": 0, "w": 12, "h": 7}
OF_BOARDS = ("xlsx", "pdf", "png")


@dataclass(frozen=True)
class File:
    """A file that is made; `holds` tells whether there is a number in it at all."""

    name: str
    media_type: str
    body: bytes
    holds: bool


def widget_of(widgets: Asked, key: str | None, kind: str) -> Asked:
    """The widgets that a file is to have; raises 404 for one that is not there, 422 for CSV of a whole board."""
    if key is None:
        if kind == "csv":
            raise invalid(FieldProblem("?widget", "csv_of_one"))
        return widgets
    found = [one for one in widgets if one[0]["key"] == key]
    if not found:
        raise not_found("widget")
    return found


def board_file(service: Service, principal: Principal, board: Row, widgets: Asked, kind: str) -> File:
    """Ask and write; raises 503 while there is nothing to ask, for CSV also 403 where he may not see the widget."""
    tables, as_of = _tables(service, principal, board, widgets)
    name = localised(board["name"], principal.locale)
    cover = Cover(name, _lines(principal, board, as_of))
    if kind == "csv":
        name, body = f"{name} {tables[0].title}", write_csv(_told(tables[0]))
    elif kind == "xlsx":
        body = write_xlsx(cover, tables)
    else:
        body = _DRAWN[kind](_sheet(service, principal, cover, widgets, tables))
    day = utcnow().astimezone(ZoneInfo(principal.timezone)).date()
    return File(f"{name} {day}.{kind}", MEDIA_TYPES[kind], body, any(table.columns for table in tables))


def _tables(service: Service, principal: Principal, board: Row, widgets: Asked) -> tuple[list[Table], str | None]:
    allowed = [one for one in widgets if principal.objects(one[1]["object"]).allows("export")]
    answered = answer_widgets(service, principal, allowed, f"/v1/dashboards/{board['id']}/file")
    answers = {one["key"]: one for one in answered["widgets"]}
    refused = {"error": {"title": t("report.export.refused", principal.locale)}}
    return [table_of(principal, widget, answers.get(widget["key"], refused))
            for widget, _ in widgets], answered["as_of"]


def _sheet(service: Service, principal: Principal, cover: Cover, widgets: Asked, tables: Sequence[Table]) -> Sheet:
    """Raises 501 where the server has no font or no console to draw with."""
    locale, letters = principal.locale, font(service.settings.report_font)
    total = t("report.export.total", locale)
    cards = [Card(widget, crossed(table, total) if table.kind == "pivot" and table.columns else table)
             for (widget, _), table in zip(widgets, tables, strict=True)]
    if len(cards) == 1:
        cards = [Card({**cards[0].widget, "layout": _ALONE}, cards[0].table)]
    return Sheet(cover, cards, letters, Charts(locale, letters.family),
                 more=t("report.export.more", locale, count="{count}"), empty=t("report.export.empty", locale))


def _told(table: Table) -> Table:
    if not table.columns:
        raise Problem(403, "widget_not_told", detail=table.note)
    return table


def _lines(principal: Principal, board: Row, as_of: str | None) -> list[str]:
    zone, locale = ZoneInfo(principal.timezone), principal.locale
    told = [localised(board["description"], locale)] if board["description"] else []
    if as_of is not None:
        at = from_wire(as_of).astimezone(zone).strftime("%Y-%m-%d %H:%M")
        told.append(t("report.export.as_of", locale, at=at, zone=principal.timezone))
    return [*told, t("report.export.seen_by", locale, person=principal.name)]
