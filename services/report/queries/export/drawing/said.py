"""Cells as people read them on paper."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from services.report.queries.export.tables import Column, Value

NOTHING = "–"
_SIGNS: Mapping[str, str] = {"CNY": "¥", "USD": "US$", "EUR": "€", "GBP": "£", "HKD": "HK$", "JPY": "JP¥", "TWD": "NT$"}
_LARGE = Decimal(10_000_000)  # nobody reads the cents of it
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def plain(text: str) -> str:
    """A text on one line, without what no page can show."""
    return _UNPRINTABLE.sub(" ", text)


def say(cell: Value, column: Column) -> str:
    """A cell of a column: amounts with the sign of their currency, parts of one as percentages."""
    if cell is None:
        return NOTHING
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M")
    if not isinstance(cell, (int, Decimal)):
        return plain(str(cell))
    if column.kind in ("ratio", "percent"):
        return f"{_rounded(Decimal(cell) * 100)}%"
    return _amount(Decimal(cell), column.currency) if column.currency else _rounded(Decimal(cell))


def _amount(value: Decimal, currency: str) -> str:
    places = 0 if value == value.to_integral_value() or abs(value) >= _LARGE else 2
    sign = _SIGNS.get(currency, f"{currency} ")
    return f"{'-' if value < 0 else ''}{sign}{_places(abs(value), places)}"


def _rounded(value: Decimal) -> str:
    said = _places(value, 2)
    return said.rstrip("0").rstrip(".") if "." in said else said


def _places(value: Decimal, places: int) -> str:
    return f"{value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,f}"
