"""What stands on the page of a board: each widget with its table, and the measures of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reportlab.pdfbase.pdfmetrics import stringWidth

from services.report.queries.export.drawing.charts import Charts
from services.report.queries.export.drawing.fonts import NAME, Font
from services.report.queries.export.drawing.said import plain, say
from services.report.queries.export.tables import Column, Table, Value
from services.report.queries.export.writers import Cover

_SAMPLE = 60
_PADDING = 16


@dataclass(frozen=True)
class Card:
    """A widget as its board has it, and what it shows; a cross table is crossed already."""

    widget: Mapping[str, Any]
    table: Table

    @property
    def title(self) -> str:
        """What stands above it."""
        return plain(self.table.title)

    @property
    def place(self) -> Mapping[str, int]:
        """Where it stands on the grid of twelve columns."""
        place: Mapping[str, int] = self.widget["layout"]
        return place


@dataclass(frozen=True)
class Sheet:
    """All that a drawing needs; `more` says how many rows are not shown, `empty` that there are none."""

    cover: Cover
    cards: Sequence[Card]
    font: Font
    charts: Charts
    more: str
    empty: str


def figures(table: Table) -> list[tuple[str, str]]:
    """The numbers of a card without groups, each with what was before, if that is asked."""
    row = table.rows[0] if table.rows else [None] * len(table.columns)
    return [(say(row[place], table.columns[place]), _compared(table.columns, row, place + 1)) for place in table.drawn]


def _compared(columns: Sequence[Column], row: Sequence[Value], at: int) -> str:
    """What was before and how it has changed, when these columns follow."""
    if at >= len(columns) or columns[at].short is None:
        return ""
    before, change = row[at], row[at + 1]
    told = f"{columns[at].short} {say(before, columns[at])}"
    if not isinstance(change, (int, Decimal)):
        return told
    arrow = "▲" if change > 0 else "▼" if change < 0 else "＝"
    return f"{arrow} {say(abs(change), columns[at + 1])} · {told}"


def cells(table: Table, most: int) -> list[list[str]]:
    """The head and at most so many rows, as people read them."""
    head = [plain(column.label) for column in table.columns]
    return [head, *([say(cell, column) for cell, column in zip(row, table.columns, strict=True)]
                    for row in table.rows[:most])]


def widths(lines: Sequence[Sequence[str]], room: float, size: float) -> list[float]:
    """The widths of the columns of a table: what they need, or their part of the room when that is not there."""
    needed = [max(width(line[place], size) for line in lines[:_SAMPLE]) + _PADDING for place in range(len(lines[0]))]
    factor = room / sum(needed)
    return [one * factor for one in needed] if factor < 1 else [needed[0] + room - sum(needed), *needed[1:]]


def width(text: str, size: float) -> float:
    """How wide a text is."""
    return float(stringWidth(text, NAME, size))


def fitting(text: str, room: float, size: float) -> str:
    """A text, shortened with an ellipsis where it does not fit."""
    if width(text, size) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if width(text[:middle] + "…", size) <= room else (low, middle - 1)
    return text[:low] + "…" if low else ""
