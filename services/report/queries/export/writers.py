"""Tables as files: a workbook with a sheet per table and its chart beside it, or CSV of a single one."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from chassis.spreadsheets import BOM, MAX_TEXT, guarded, sheet_name, workbook
from services.report.queries.export.tables import Column, Table, Value

_FORMATS: Mapping[str, str] = {
    "integer": "#,##0", "decimal": "#,##0.######", "money": "#,##0.00", "percent": "0.00%", "ratio": "0.00%",
    "date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm"}
_CHARTS: Mapping[str, str] = {"bar": "column", "line": "line", "pie": "pie", "funnel": "bar"}
_MOST_DRAWN = 200
_FIRST_DAY = date(1900, 3, 1)  # days before are not the same in every spreadsheet
_WIDEST = 40


@dataclass(frozen=True)
class Cover:
    """The first sheet: lines that say what the file is, under its title."""

    title: str
    lines: Sequence[str]


def write_csv(table: Table) -> bytes:
    """One table, as CSV in UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([guarded(column.head) for column in table.columns])
    writer.writerows([_plain(cell) for cell in row] for row in table.rows)
    return BOM + buffer.getvalue().encode()


def write_xlsx(cover: Cover, tables: Sequence[Table]) -> bytes:
    """A cover, then each table on a sheet of its own."""
    file = io.BytesIO()
    with workbook(file) as book:
        _Book(book).write(cover, tables)
    return file.getvalue()


class _Book:
    def __init__(self, book: Any) -> None:
        self._book = book
        self._bold = book.add_format({"bold": True})
        self._title = book.add_format({"bold": True, "font_size": 16})
        self._formats = {kind: book.add_format({"num_format": one}) for kind, one in _FORMATS.items()}

    def write(self, cover: Cover, tables: Sequence[Table]) -> None:
        front = self._book.add_worksheet(sheet_name(cover.title))
        names = self._named(tables, front.get_name())
        front.set_column(0, 0, 34)
        front.set_column(1, 1, 60)
        front.write_string(0, 0, cover.title, self._title)
        for row, line in enumerate(cover.lines, 1):
            front.write_string(row, 0, line)
        listed = list(enumerate(zip(names, tables, strict=True), len(cover.lines) + 2))
        for row, (name, table) in listed:
            self._tell(front, row, name, table)
        for row, (name, table) in listed:
            if table.columns:
                self._sheet(name, table, [front.get_name(), row, 0])

    def _named(self, tables: Sequence[Table], front: str) -> list[str]:
        names: list[str] = []
        for table in tables:
            names.append(sheet_name(table.title, [front, *names]))
        return names

    def _tell(self, front: Any, row: int, name: str, table: Table) -> None:
        if table.columns:
            front.write_url(row, 0, f"internal:'{name}'!A1", string=table.title[:MAX_TEXT])
        else:
            front.write_string(row, 0, table.title)
        front.write_string(row, 1, table.note or "")

    def _sheet(self, name: str, table: Table, title: Sequence[Any]) -> None:
        page = self._book.add_worksheet(name)
        for place, column in enumerate(table.columns):
            page.write_string(0, place, column.head[:MAX_TEXT], self._bold)
            page.set_column(place, place, _width(column, [row[place] for row in table.rows]))
        page.freeze_panes(1, table.groups)
        for number, row in enumerate(table.rows, 1):
            for place, cell in enumerate(row):
                self._cell(page, number, place, table.columns[place].kind, cell)
        if table.rows:
            page.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
            self._chart(page, name, table, title)

    def _cell(self, page: Any, row: int, place: int, kind: str, cell: Value) -> None:
        if cell is None:
            return
        if isinstance(cell, datetime) and cell.date() >= _FIRST_DAY:
            page.write_datetime(row, place, cell, self._formats["datetime"])
        elif isinstance(cell, date) and not isinstance(cell, datetime) and cell >= _FIRST_DAY:
            page.write_datetime(row, place, cell, self._formats["date"])
        elif isinstance(cell, (int, Decimal)):
            page.write_number(row, place, cell, self._formats[kind])
        else:
            page.write_string(row, place, str(cell)[:MAX_TEXT])

    def _chart(self, page: Any, name: str, table: Table, title: Sequence[Any]) -> None:
        """A chart beside its table; `title` is the cell that has it, because a title like `Go!Q3` would be computed."""
        kind, last = _CHARTS.get(table.kind), min(len(table.rows), _MOST_DRAWN)
        if kind is None or not table.groups:
            return
        chart = self._book.add_chart({"type": kind})
        for place in table.drawn[:1] if kind == "pie" else table.drawn:
            chart.add_series({"name": [name, 0, place], "values": [name, 1, place, last, place],
                              "categories": [name, 1, 0, last, table.groups - 1]})
        chart.set_title({"name": title, "overlay": False})
        if len(table.drawn) == 1 and kind != "pie":
            chart.set_legend({"none": True})
        if kind == "bar":  # the first stage stands at the top
            chart.set_y_axis({"reverse": True})
        page.insert_chart(1, len(table.columns) + 1, chart, {"x_scale": 1.3, "y_scale": 1.3})


def _plain(cell: Value) -> Any:
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    return format(cell, "f") if isinstance(cell, Decimal) else guarded(cell)


def _width(column: Column, cells: Sequence[Value]) -> int:
    """Room for the longest text; letters of Chinese take two places."""
    return min(_WIDEST, max((_places(text) for text in (column.head, *map(str, cells[:500]))), default=0) + 3)


def _places(text: str) -> int:
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)
