"""The files of an export. A cell is never a formula: CSV gets an apostrophe before what a spreadsheet would compute
(CWE-1236), XLSX cells are written as the strings or numbers that they are.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

import xlsxwriter

from services.customer.queries.export.rows import Sheet

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
_ROWS_AT_ONCE = 500
_BYTES_AT_ONCE = 65_536
_SHEET_ROWS = 1_000_000
_BOM = b"\xef\xbb\xbf"  # without it Excel takes UTF-8 for the local code page


@dataclass(frozen=True)
class Format:
    """A kind of file: its ending, its media type, how it is written."""

    ending: str
    media_type: str
    write: Callable[[Sheet], Iterator[bytes]]


def write_csv(sheet: Sheet) -> Iterator[bytes]:
    """The sheet as CSV, piece by piece."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([_guarded(head) for head in sheet.heads])
    yield _BOM
    while rows := list(islice(sheet.rows, _ROWS_AT_ONCE)):
        writer.writerows([_guarded(cell) for cell in row] for row in rows)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue().encode()


def write_xlsx(sheet: Sheet) -> Iterator[bytes]:
    """The sheet as XLSX, by way of a temporary file; very long ones go on in another worksheet."""
    with tempfile.TemporaryFile() as file:
        options = {"constant_memory": True, "in_memory": False, "strings_to_formulas": False,
                   "strings_to_urls": False, "strings_to_numbers": False}
        with xlsxwriter.Workbook(file, options) as book:
            more = True
            while more:
                more = _write_worksheet(book, sheet)
        file.seek(0)
        while piece := file.read(_BYTES_AT_ONCE):
            yield piece


def _write_worksheet(book: Any, sheet: Sheet) -> bool:
    """Write one worksheet; tells whether it became full."""
    page = book.add_worksheet()
    for column, head in enumerate(sheet.heads):
        page.write_string(0, column, head)
    page.freeze_panes(1, 0)
    written = 0
    for row in islice(sheet.rows, _SHEET_ROWS):
        written += 1
        for column, cell in enumerate(row):
            _write_cell(page, written, column, cell)
    return written == _SHEET_ROWS


def _write_cell(page: Any, row: int, column: int, cell: Any) -> None:
    if cell is None:
        return
    if isinstance(cell, (int, Decimal)):
        page.write_number(row, column, cell)
    else:
        page.write_string(row, column, str(cell)[:32_767])


def _guarded(cell: Any) -> Any:
    if isinstance(cell, str) and cell.startswith(_DANGEROUS):
        return f"'{cell}"
    return cell


FORMATS: Mapping[str, Format] = {
    "csv": Format("csv", "text/csv; charset=utf-8", write_csv),
    "xlsx": Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write_xlsx),
}
