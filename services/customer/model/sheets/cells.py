"""One cell, in the compact form in which sheets wait on disk.

JSON has no dates, so a native date is `{"d": "2026-03-01"}`, a moment `{"t": "2026-03-01T08:30:00"}` and a time
of day `{"c": "08:30:00"}`. Text, numbers, yes and no are themselves; an empty cell is null.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

_INVISIBLE = " \t\r\n\u200b\u200c\u200d\u2060\ufeff\u00a0\u3000"
_GUARDED = ("'=", "'+", "'-", "'@", "'\t", "'\r")
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def pack(value: Any) -> Any:
    """The compact form of what a reader of workbooks gives."""
    if isinstance(value, str):
        return value if value.strip(_INVISIBLE) else None
    if isinstance(value, datetime):
        return {"t": value.isoformat(timespec="seconds")}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, time):
        return {"c": value.isoformat(timespec="seconds")}
    return str(value) if isinstance(value, timedelta) else value


def unpack(cell: Any) -> Any:
    """The cell as text, number, truth value, date or moment; a time of day is text."""
    if type(cell) is not dict:
        return cell
    kind, text = next(iter(cell.items()))
    if kind == "c":
        return text
    return datetime.fromisoformat(text) if kind == "t" else date.fromisoformat(text)


def pack_row(values: Sequence[Any], left: int = 0) -> list[Any] | None:
    """A row without empty cells at its end, `left` empty ones before it; None when all are empty."""
    cells: list[Any] = [None] * left
    cells.extend(map(pack, values))
    while cells and cells[-1] is None:
        cells.pop()
    return cells or None


def shown(cell: Any) -> str:
    """The cell as people see it; for headers and samples."""
    if cell is None:
        return ""
    if type(cell) is dict:
        return str(next(iter(cell.values()))).replace("T", " ")
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return trimmed(cell) if isinstance(cell, str) else str(cell)


def trimmed(text: str) -> str:
    """Text without blanks and invisible characters around it."""
    return text.strip(_INVISIBLE)


def guarded(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe stands before a dangerous beginning."""
    return "'" + text if text.startswith(_DANGEROUS) and not _is_number(text) else text


def unguarded(text: str) -> str:
    """The text before `guarded`."""
    return text[1:] if text.startswith(_GUARDED) else text


def column_letter(index: int) -> str:
    """A, B, … Z, AA, … as spreadsheets name the column at `index` (from 0)."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _is_number(text: str) -> bool:
    return text[:1] in "+-" and text[1:].replace(".", "", 1).isascii() and text[1:].replace(".", "", 1).isdigit()
