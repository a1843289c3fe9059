"""What all spreadsheets that leave the product have in common: a cell is never a formula.

CSV gets an apostrophe before what a spreadsheet would compute (CWE-1236); XLSX cells are written as the strings or
numbers that they are.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import xlsxwriter

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BOM = b"\xef\xbb\xbf"  # without it Excel takes UTF-8 for the local code page
MAX_TEXT = 32_767  # letters in a cell of XLSX

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
_NOT_IN_NAMES = frozenset("[]:*?/\\'")
_NAME = 31


def guarded(cell: Any) -> Any:
    """A cell for CSV."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_DANGEROUS) else cell


def workbook(file: Any, *, constant_memory: bool = False) -> xlsxwriter.Workbook:
    """A workbook that writes into `file`; with `constant_memory` rows go to disk, each once and in order."""
    return xlsxwriter.Workbook(file, {
        "constant_memory": constant_memory, "in_memory": not constant_memory, "strings_to_formulas": False,
        "strings_to_urls": False, "strings_to_numbers": False})


def sheet_name(label: str, taken: Collection[str] = ()) -> str:
    """A name that a worksheet may have and that no other one has, whatever its case."""
    base = "".join(letter for letter in label if letter not in _NOT_IN_NAMES).strip()[:_NAME] or "Sheet"
    if base.casefold() == "history":  # Excel keeps it for itself
        base = f"{base}_"
    name, number, known = base, 1, {one.casefold() for one in taken}
    while name.casefold() in known:
        number += 1
        name = f"{base[:_NAME - 1 - len(str(number))]} {number}"
    return name
