"""Rows of CSV files: encoding and delimiter are found out, quoted cells may hold line breaks.

A row's number counts rows as a spreadsheet shows them, not lines of the file.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services.customer.model.sheets.cells import pack_row, unguarded
from services.customer.model.sheets.delimited import delimiter_of, encoding_of
from services.customer.model.sheets.limits import Limits
from services.customer.model.sheets.problems import SheetError

Row = tuple[int, list[Any]]
_SAMPLE = 65_536
_BLOCK = 1 << 20


def read_text(path: Path, limits: Limits) -> tuple[str, str, Iterator[Row]]:
    """Encoding, delimiter and the rows that are not empty, as (number, cells); raises SheetError."""
    with path.open("rb") as file:
        encoding = encoding_of(iter(lambda: file.read(_BLOCK), b""))
    try:
        with path.open(encoding=encoding, newline="") as text:
            delimiter = delimiter_of(text.read(_SAMPLE))
    except UnicodeError as error:
        raise SheetError("sheet_encoding_unknown") from error
    return encoding, delimiter, _rows(path, encoding, delimiter, limits)


def _rows(path: Path, encoding: str, delimiter: str, limits: Limits) -> Iterator[Row]:
    csv.field_size_limit(limits.cell)
    number = 0
    try:
        with path.open(encoding=encoding, newline="") as text:
            for number, values in enumerate(csv.reader(text, delimiter=delimiter, skipinitialspace=True), 1):
                if len(values) > limits.columns:
                    raise SheetError("sheet_too_wide", limit=limits.columns)
                cells = pack_row([unguarded(value) for value in values])
                if cells is not None:
                    yield number, cells
    except csv.Error as error:
        raise SheetError("sheet_row_unreadable", row=number + 1) from error
    except UnicodeError as error:
        raise SheetError("sheet_encoding_unknown") from error
