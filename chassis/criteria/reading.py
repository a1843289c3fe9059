"""Typed values out of the wire form of a record.

On the wire decimals are strings, money is `{"amount", "currency"}`, moments and dates are RFC 3339 strings,
several choices are a list. A value that is missing, or not of its field's kind, reads as None: one old or
foreign record must not stop a rule. Readers are the innermost loop of the rule engine, so each is one flat
function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from chassis.criteria.address import address_line
from chassis.criteria.nodes import OWNER_DEPARTMENT, Clause

Record = Mapping[str, Any]
Reader = Callable[[Record], Any]

_UNREADABLE = (KeyError, TypeError, ValueError, ArithmeticError, AttributeError)


def reader(clause: Clause) -> Reader:
    """The function that reads the clause's field from a record."""
    if clause.kind == "money":
        return _money(clause.field, clause.currency)
    convert = _CONVERSIONS.get(clause.kind)
    if _is_inner(clause):
        return _inner(clause.field, convert or _text)
    return _converted(clause.root, convert) if convert else _plain_text(clause.root)


def is_present(clause: Clause) -> Callable[[Record], bool]:
    """Whether the clause's field has a value: neither null nor empty."""
    path = f"{clause.field}.amount" if clause.kind == "money" else clause.field
    inner = clause.kind == "money" or _is_inner(clause)
    read = _inner(path, _anything) if inner else _converted(clause.root, _anything)
    return lambda record: read(record) not in (None, "", [])


def _is_inner(clause: Clause) -> bool:
    return "." in clause.field and clause.field != OWNER_DEPARTMENT


def _plain_text(name: str) -> Reader:
    def read(record: Record) -> str | None:
        value = record.get(name)
        return value if isinstance(value, str) else None

    return read


def _converted(name: str, convert: Callable[[Any], Any]) -> Reader:
    def read(record: Record) -> Any:
        try:
            return convert(record[name])
        except _UNREADABLE:
            return None

    return read


def _inner(path: str, convert: Callable[[Any], Any]) -> Reader:
    root, _, part = path.partition(".")

    def read(record: Record) -> Any:
        try:
            return convert(record[root][part])
        except _UNREADABLE:
            return None

    return read


def _money(name: str, currency: str | None) -> Reader:
    def read(record: Record) -> Decimal | None:
        try:
            money = record[name]
            other = currency is not None and money["currency"] != currency
            return None if other else _decimal(money["amount"])
        except _UNREADABLE:
            return None

    return read


def _anything(value: Any) -> Any:
    return value


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _integer(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _decimal(value: Any) -> Decimal | None:
    number = Decimal(value)
    return number if number.is_finite() else None


def _moment(value: str) -> datetime | None:
    moment = datetime.fromisoformat(value)
    return None if moment.tzinfo is None else moment


def _address(value: Any) -> str | None:
    return address_line(value) or None if isinstance(value, dict) else None


def _choices(value: Any) -> frozenset[Any] | None:
    return frozenset(value) if isinstance(value, list) else None


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "boolean": _boolean,
    "integer": _integer,
    "decimal": _decimal,
    "percent": _decimal,
    "date": date.fromisoformat,
    "datetime": _moment,
    "multi_choice": _choices,
    "reference_list": _choices,
    "address": _address,
}
