"""Formats of `TEXT`: digits as in `#,##0.00` and `0.0%`, dates as in `YYYY-MM-DD HH:mm`."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from chassis.formulas.errors import EvaluationError
from chassis.formulas.functions.rounding import rounded
from chassis.formulas.types import Money
from chassis.formulas.values import EXACT, Frame, text_of

_MAX_FORMAT = 60
_DIGITS = re.compile(r"(#,##0|#,###|0+|#)(\.0{1,10})?(%?)")
_PIECES = re.compile(r"YYYY|YY|MM|M|DD|D|HH|H|mm|ss")
_SHAPES = {"YYYY": "{0.year:04d}", "YY": "{1:02d}", "MM": "{0.month:02d}", "M": "{0.month}", "DD": "{0.day:02d}",
           "D": "{0.day}", "HH": "{0.hour:02d}", "H": "{0.hour}", "mm": "{0.minute:02d}", "ss": "{0.second:02d}"}


def formatted(value: Any, form: str, frame: Frame) -> str:
    """The value in the format; a text stays as it is. Raises EvaluationError for a format of another kind of value."""
    if len(form) > _MAX_FORMAT:
        raise EvaluationError("bad_format")
    if isinstance(value, Money):
        value = value.amount
    if isinstance(value, Decimal):
        return _number(value, form)
    if isinstance(value, datetime):
        return _date(value.astimezone(frame.zone), form)
    if isinstance(value, date):
        return _date(datetime.combine(value, time()), form)
    return text_of(value, frame)


def _number(value: Decimal, form: str) -> str:
    found = _DIGITS.search(form)
    if found is None or _DIGITS.search(form, found.end()):
        raise EvaluationError("bad_format")
    whole, decimals, percent = found.groups()
    scaled = EXACT.multiply(value, Decimal(100)) if percent else value
    digits = rounded(scaled, len(decimals or ".") - 1, ROUND_HALF_UP)
    shape = f"{',' if ',' in whole else ''}.{len(decimals or '.') - 1}f"
    text = format(abs(digits), shape)
    if whole.startswith("00"):
        front, point, rest = text.partition(".")
        text = front.zfill(len(whole)) + point + rest
    sign = "-" if digits < 0 else ""
    return f"{form[:found.start()]}{sign}{text}{percent}{form[found.end():]}"


def _date(value: datetime, form: str) -> str:
    if _PIECES.search(form) is None:
        raise EvaluationError("bad_format")
    return _PIECES.sub(lambda found: _SHAPES[found[0]].format(value, value.year % 100), form)
