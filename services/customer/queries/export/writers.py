"""The files of an export, piece by piece."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from chassis.spreadsheets import BOM, CSV, MAX_TEXT, XLSX, guarded, workbook
from services.customer.queries.export.rows import Sheet

_ROWS_AT_ONCE = 500
_BYTES_AT_ONCE = 65_536
_SHEET_ROWS = 1_000_000


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
    writer.writerow([guarded(head) for head in sheet.heads])
    yield BOM
    while rows := list(islice(sheet.rows, _ROWS_AT_ONCE)):
        writer.writerows([guarded(cell) for cell in row] for row in rows)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue().encode()


def write_xlsx(sheet: Sheet) -> Iterator[bytes]:
    """The sheet as XLSX, by way of a temporary file; very long ones go on in another worksheet."""
    with tempfile.TemporaryFile() as file:
        with workbook(file, constant_memory=True) as book:
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
        page.write_string(row, column, str(cell)[:MAX_TEXT])


FORMATS: Mapping[str, Format] = {
    "csv": Format("csv", CSV, write_csv),
    "xlsx": Format("xlsx", XLSX, write_xlsx),
}
