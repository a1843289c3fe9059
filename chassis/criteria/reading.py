"""Typed values out of the wire form of a record.

On the wire decimals are strings, money is `{"amount", "currency"}`, moments and dates are RFC 3339 strings,
several choices are a list. A value that is missing, or not of its field's kind, reads as None: one old or
foreign record must not stop a rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from chassis.criteria.nodes import OWNER_DEPARTMENT, Clause

Record = Mapping[str, Any]
Reader = Callable[[Record], Any]

_UNREADABLE = (KeyError, TypeError, ValueError, ArithmeticError, AttributeError)


def reader(clause: Clause) -> Reader:
    """The function that reads the clause's field from a record."""
    if clause.kind == "money":
        return _converted(_money(clause.field, clause.currency), _decimal)
    get = _raw(clause)
    convert = _CONVERSIONS.get(clause.kind, _text)
    return _converted(get, convert)


def is_present(clause: Clause) -> Callable[[Record], bool]:
    """Whether the clause's field has a value: neither null nor empty."""
    get = _money(clause.field, None) if clause.kind == "money" else _raw(clause)

    def present(record: Record) -> bool:
        try:
            value = get(record)
        except _UNREADABLE:
            return False
        return value is not None and value not in ("", [])

    return present


def _raw(clause: Clause) -> Reader:
    root, _, part = clause.field.partition(".")
    if part and clause.field != OWNER_DEPARTMENT:
        return lambda record: record[root][part]
    name = clause.root
    return lambda record: record[name]


def _money(name: str, currency: str | None) -> Reader:
    def amount(record: Record) -> Any:
        money = record[name]
        return money["amount"] if currency is None or money["currency"] == currency else None

    return amount


def _converted(get: Reader, convert: Callable[[Any], Any]) -> Reader:
    def read(record: Record) -> Any:
        try:
            return convert(get(record))
        except _UNREADABLE:
            return None

    return read


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _decimal(value: Any) -> Decimal | None:
    number = Decimal(value)
    return number if number.is_finite() else None


def _integer(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _moment(value: str) -> datetime | None:
    moment = datetime.fromisoformat(value)
    return None if moment.tzinfo is None else moment


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "boolean": _boolean,
    "integer": _integer,
    "decimal": _decimal,
    "percent": _decimal,
    "date": date.fromisoformat,
    "datetime": _moment,
    "multi_choice": lambda value: frozenset(value) if isinstance(value, list) else None,
}
