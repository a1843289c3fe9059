"""Values of clauses: from JSON to typed, normal forms, or an error that names the place.

Every reader takes (value, field, pointer). Numbers are never taken from JSON floats, which cannot carry them
exactly.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from chassis.criteria.errors import CriteriaError, pointer_to, printable
from chassis.criteria.fields import IN_TIME, LINK_KINDS, LISTS, TEXT_KINDS, Field
from chassis.criteria.nodes import UNITS, Duration
from chassis.criteria.periods import PERIODS

MAX_LIST = 500
MAX_TEXT = 2000
MAX_DIGITS = 18
MAX_DAYS = 36_525
FIRST_YEAR, LAST_YEAR = 1000, 9998

Reader = Callable[[Any, Field, str], Any]

# Control characters except tab, line feed and carriage return, and halves of surrogate pairs.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_NUMBER = re.compile(r"([+-]?[0-9]{1,400})(?:\.([0-9]{1,400}))?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = r"T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
_MOMENT = re.compile(_DATE.pattern + _TIME + r"(?:Z|[+-][0-9]{2}:[0-9]{2})")
_DURATION = re.compile(r"([0-9]{1,9})([mhdw])")
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CHOICE = re.compile(r"[a-z0-9_]+")
_VARIABLES = {"user": "$me", "department": "$my_department"}


def read_value(value: Any, field: Field, op: str, pointer: str) -> Any:
    """The typed value of a clause; lists become tuples without repetitions."""
    if op in LISTS:
        return _read_list(value, field, pointer)
    if op == "between":
        return _read_pair(value, field, pointer)
    if op == "on":
        return _read_period(value, field, pointer)
    return (_read_duration if op in IN_TIME else READERS[field.kind])(value, field, pointer)


def _read_list(value: Any, field: Field, pointer: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise CriteriaError(pointer, "expected_list")
    if not value:
        raise CriteriaError(pointer, "empty_list")
    if len(value) > MAX_LIST:
        raise CriteriaError(pointer, "list_too_long", limit=MAX_LIST)
    return tuple(dict.fromkeys(_read_each(value, field, pointer)))


def _read_pair(value: Any, field: Field, pointer: str) -> tuple[Any, Any]:
    if not isinstance(value, list) or len(value) != 2:
        raise CriteriaError(pointer, "expected_pair")
    low, high = _read_each(value, field, pointer)
    return low, high


def _read_each(values: list[Any], field: Field, pointer: str) -> list[Any]:
    read = READERS[field.kind]
    return [read(one, field, pointer_to(pointer, str(index))) for index, one in enumerate(values)]


def _read_text(value: Any, _field: Field, pointer: str) -> str:
    if not isinstance(value, str):
        raise CriteriaError(pointer, "expected_text")
    if not value:
        raise CriteriaError(pointer, "empty_text")
    if len(value) > MAX_TEXT:
        raise CriteriaError(pointer, "text_too_long", limit=MAX_TEXT)
    if _FORBIDDEN.search(value):
        raise CriteriaError(pointer, "forbidden_character")
    return value


def _read_choice(value: Any, field: Field, pointer: str) -> str:
    text = _read_text(value, field, pointer)
    known = _CHOICE.fullmatch(text) if field.kind == "multi_choice" else True
    if not known or (field.choices is not None and text not in field.choices):
        raise CriteriaError(pointer, "unknown_choice", value=printable(text))
    return text


def _read_id(value: Any, field: Field, pointer: str) -> str:
    text = _read_text(value, field, pointer)
    if text.startswith("$"):
        if text != _VARIABLES.get(field.kind):
            raise CriteriaError(pointer, "unknown_variable", value=printable(text))
        return text
    if not _ID.fullmatch(text.lower()):
        raise CriteriaError(pointer, "expected_id")
    return text.lower()


def _read_boolean(value: Any, _field: Field, pointer: str) -> bool:
    if not isinstance(value, bool):
        raise CriteriaError(pointer, "expected_boolean")
    return value


def _read_integer(value: Any, _field: Field, pointer: str) -> int:
    return int(_bounded(value, 0, pointer, "expected_integer"))


def _read_decimal(value: Any, field: Field, pointer: str) -> Decimal:
    number = _bounded(value, field.decimals, pointer, "expected_decimal")
    return number.quantize(Decimal(1).scaleb(-field.decimals)) + 0


def _bounded(value: Any, scale: int, pointer: str, code: str) -> Decimal:
    """A number with at most `scale` decimals and 18 digits in all; the bound is what every column can
    hold.
    """
    whole, fraction = _digits(value, pointer, code)
    if abs(whole) >= 10 ** (MAX_DIGITS - scale):
        raise CriteriaError(pointer, "number_too_large", digits=MAX_DIGITS - scale)
    if len(fraction.rstrip("0")) > scale:
        raise CriteriaError(pointer, "too_many_decimals", scale=scale)
    return Decimal(value[: len(value) - len(fraction) + scale] if fraction else value)


def _digits(value: Any, pointer: str, code: str) -> tuple[int, str]:
    """The whole part and the digits of the fraction; no arithmetic yet that a huge number could upset."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value, ""
    match = _NUMBER.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise CriteriaError(pointer, code)
    return int(match[1]), match[2] or ""


def _read_date(value: Any, _field: Field, pointer: str) -> date:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise CriteriaError(pointer, "expected_date")
    return _in_range(_existing(date.fromisoformat, value, pointer), pointer)


def _read_datetime(value: Any, field: Field, pointer: str) -> date | datetime:
    if isinstance(value, str) and _DATE.fullmatch(value):
        return _read_date(value, field, pointer)
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise CriteriaError(pointer, "expected_datetime")
    moment = _in_range(_existing(datetime.fromisoformat, value, pointer), pointer)
    return moment.astimezone(UTC)


def _existing(read: Callable[[str], Any], value: str, pointer: str) -> Any:
    try:
        return read(value)
    except ValueError:
        raise CriteriaError(pointer, "impossible_date") from None


def _in_range(day: Any, pointer: str) -> Any:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise CriteriaError(pointer, "date_out_of_range", first=FIRST_YEAR, last=LAST_YEAR)
    return day


def _read_duration(value: Any, field: Field, pointer: str) -> Duration:
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise CriteriaError(pointer, "expected_duration")
    duration = Duration(int(match[1]), match[2])
    if field.kind == "date" and duration.unit not in "dw":
        raise CriteriaError(pointer, "duration_needs_days")
    if duration.amount > timedelta(MAX_DAYS) // UNITS[duration.unit]:
        raise CriteriaError(pointer, "duration_too_long", limit=MAX_DAYS)
    return duration


def _read_period(value: Any, _field: Field, pointer: str) -> str:
    if not isinstance(value, str) or value not in PERIODS:
        raise CriteriaError(pointer, "unknown_period", periods=", ".join(PERIODS))
    return value


READERS: dict[str, Reader] = (
    dict.fromkeys(TEXT_KINDS, _read_text)
    | dict.fromkeys(LINK_KINDS, _read_id)
    | dict.fromkeys(("decimal", "percent", "money"), _read_decimal)
    | {
        "integer": _read_integer,
        "date": _read_date,
        "datetime": _read_datetime,
        "boolean": _read_boolean,
        "choice": _read_choice,
        "multi_choice": _read_choice,
        "reference_list": _read_id,
        "address": _read_text,
        "file": _read_text,
        "image": _read_text,
    }
)
