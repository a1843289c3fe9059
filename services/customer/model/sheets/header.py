"""Where the header is: people put titles, dates and remarks above it, so the first row is only a guess.

The row that knows most of the object's fields wins; when none is known, the first row that is about as wide as the
sheet and holds only text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from services.customer.model.sheets.cells import shown

SEARCHED, COMPARED = 20, 100
MAX_HEADER = 200
_KNOWN_NEEDED = 2


def find_header(rows: Sequence[tuple[int, list[Any]]], known: Callable[[Sequence[str]], int]) -> int:
    """The number of the header row among the first (number, cells); `known` counts the fields that headers name."""
    first = [(number, cells) for number, cells in rows[:SEARCHED]]
    counts = [known(headers(cells[:COMPARED])) for _, cells in first]
    best = max(counts)
    if best >= _KNOWN_NEEDED or (best and len(first[0][1]) == 1):
        return first[counts.index(best)][0]
    widest = max(_filled(cells) for _, cells in rows)
    for number, cells in first:
        if _filled(cells) * 10 >= widest * 6 and all(cell is None or isinstance(cell, str) for cell in cells):
            return number
    return first[0][0]


def headers(cells: Sequence[Any]) -> list[str]:
    """The header texts of a row, each on one line."""
    return [" ".join(shown(cell).split())[:MAX_HEADER] for cell in cells]


def _filled(cells: Sequence[Any]) -> int:
    return sum(cell is not None for cell in cells)
