"""Writing a messy sheet: XLSX with real dates and numbers, or CSV in the encodings that offices use.

The serial number of a day means a day only where cells have types, so a CSV gets the day itself.
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

from freehold.demo.messy.sheet import COLUMNS, MessySheet
from freehold.demo.messy.spellings import SHEET_EPOCH

ENCODINGS = {"utf-8": "utf-8-sig", "gb18030": "gb18030"}
_DAYS = [name for _, name in COLUMNS].index("expected_close_on")


def write_sheet(sheet: MessySheet, path: Path, *, encoding: str = "utf-8") -> None:
    """Write the sheet to `path`; the suffix says whether as `.xlsx` or as `.csv` (then `encoding` counts)."""
    if path.suffix.lower() == ".csv":
        _write_csv(sheet, path, ENCODINGS[encoding])
    else:
        _write_xlsx(sheet, path)


def _write_xlsx(sheet: MessySheet, path: Path) -> None:
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False,
                                           "strings_to_numbers": False, "strings_to_urls": False})
    page, dated = book.add_worksheet("线索 Leads"), book.add_format({"num_format": "yyyy-mm-dd"})
    page.write_row(0, 0, sheet.header, book.add_format({"bold": True}))
    for number, cells in sheet.rows:
        for column, cell in enumerate(cells):
            if isinstance(cell, date):
                page.write_datetime(number - 1, column, cell, dated)
            elif cell not in (None, ""):
                page.write(number - 1, column, cell)
    book.close()


def _write_csv(sheet: MessySheet, path: Path, encoding: str) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(sheet.header)
        written = 1
        for number, cells in sheet.rows:
            writer.writerows([[""] * len(cells)] * (number - written - 1))
            writer.writerow(_text(cell, index == _DAYS) for index, cell in enumerate(cells))
            written = number


def _text(cell: Any, is_day: bool) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and is_day:
        cell = SHEET_EPOCH + timedelta(days=cell)
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return cell.isoformat() if isinstance(cell, date) else str(cell)
