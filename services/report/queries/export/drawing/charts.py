"""Charts as SVG: the console's own script (`console/src/drawing`), run by a JavaScript engine of a few megabytes.

The script knows nothing of the outside: the engine has no files, no network and no clock, its memory and time are
bounded. So a chart on paper is the chart on the screen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import quickjs

from chassis.console_files import built_console
from chassis.http.problem import Problem
from services.report.queries.export.drawing.said import plain, say
from services.report.queries.export.tables import Table

KINDS = frozenset({"bar", "line", "pie", "funnel", "gauge"})
INK, SOFT, LINE = "#18221d", "#4a5750", "#e4e8e3"
_PALETTE = ("#1b6b4e", "#d99a1c", "#285f9e", "#7c6bb0", "#c0655a", "#4f9a94", "#8b9a46", "#a77a4c", "#5d7187")
_SCRIPT = "drawing/charts.js"
_MEMORY, _SECONDS = 256 * 1024 * 1024, 20
_MOST_POINTS = 300
_LARGEST = Decimal("1e300")  # nearly what JavaScript can hold


class Charts:
    """Draws charts for one file, in one language and font; not to be shared between threads."""

    def __init__(self, locale: str, family: str) -> None:
        """Raise 501 where the console has not been built."""
        folder = built_console()
        if folder is None or not (folder / _SCRIPT).is_file():
            raise Problem(501, "no_drawing")
        self._locale, self._family = locale, family
        engine = quickjs.Context()
        engine.set_memory_limit(_MEMORY)
        engine.set_time_limit(_SECONDS)
        engine.eval((folder / _SCRIPT).read_text(encoding="utf-8"))
        self._draw = engine.get("freeholdDraw")

    def draw(self, table: Table, options: Mapping[str, Any], width: int, height: int) -> str:
        """A table as the chart of its kind, in SVG of so many pixels."""
        rows = table.rows[:_MOST_POINTS]
        columns = [table.columns[place] for place in table.drawn]
        order = {
            "kind": table.kind, "locale": self._locale, "width": width, "height": height,
            "look": {"ink": SOFT, "line": LINE, "surface": "#ffffff", "font": self._family, "palette": _PALETTE},
            "target": target(table, options),
            "data": {"measures": [{"label": plain(one.label), "type": one.kind} for one in columns],
                     "points": [{"label": label(table, row), "values": [_number(row[at]) for at in table.drawn]}
                                for row in rows]},
            "said": [[say(row[at], table.columns[at]) for at in table.drawn] for row in rows]}
        drawn: str = json.loads(self._draw(json.dumps(order)))
        return drawn


def label(table: Table, row: Any) -> str:
    """The name of a group."""
    return " · ".join(say(cell, column) for cell, column in zip(row[:table.groups], table.columns, strict=False))


def target(table: Table, options: Mapping[str, Any]) -> float:
    """What a gauge is full at: of parts of one all of it, else what the board says."""
    if table.drawn and table.columns[table.drawn[0]].kind in ("ratio", "percent"):
        return 1.0
    return float(_number(options.get("target")) or 0)


def _number(cell: Any) -> str | None:
    """A finite number as text; also of a number that was too long for a cell, or that somebody typed."""
    try:
        number = Decimal(str(cell))
    except InvalidOperation:
        return None
    return str(number) if number.is_finite() and abs(number) < _LARGEST else None
