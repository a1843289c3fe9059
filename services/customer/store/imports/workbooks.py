"""Rows of XLSX, XLSM, XLSB, XLS and ODS files, through calamine; macros and formulas are never run.

The first visible sheet with anything in it is taken. Row numbers are those of the sheet.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    WorksheetNotFound,
    XmlError,
    ZipError,
)

from services.customer.model.sheets.cells import pack_row
from services.customer.model.sheets.limits import Limits
from services.customer.model.sheets.problems import SheetError

Row = tuple[int, list[Any]]


def read_workbook(path: Path, limits: Limits) -> tuple[str, Iterator[Row]]:
    """The name of the sheet and its rows that are not empty, as (number, cells); raises SheetError."""
    try:
        sheet = _first_sheet(CalamineWorkbook.from_path(str(path)))
    except PasswordError as error:
        raise SheetError("sheet_locked") from error
    except (CalamineError, ZipError, XmlError, WorksheetNotFound, OSError) as error:
        raise SheetError("sheet_broken") from error
    return sheet.name, _rows(sheet, limits)


def _first_sheet(book: CalamineWorkbook) -> CalamineSheet:
    for meta in book.sheets_metadata:
        if meta.typ != SheetTypeEnum.WorkSheet or meta.visible != SheetVisibleEnum.Visible:
            continue
        sheet = book.get_sheet_by_name(meta.name)
        if sheet.start is not None:
            return sheet
    raise SheetError("sheet_empty")


def _rows(sheet: CalamineSheet, limits: Limits) -> Iterator[Row]:
    left = sheet.start[1] if sheet.start else 0
    if sheet.total_width > limits.columns:
        raise SheetError("sheet_too_wide", limit=limits.columns)
    for number, values in enumerate(sheet.iter_rows(), 1):
        cells = pack_row(values, left)
        if cells is not None:
            yield number, cells
