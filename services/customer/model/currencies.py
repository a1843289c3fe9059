"""The company's currencies and what an amount of one is worth in another.

A rate says what one unit of a currency is worth in the base currency from a day on. The rate of a record is the one of
the day on which it was made, so a sum stays what it is when new rates come; the earliest rate also holds for all days
before it. An amount for whose currency no rate is known makes a sum unknown: it is never left out in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import Any

from chassis.formulas.values import EXACT
from services.customer.model.faults import BadValueError, Fault, InvalidError
from services.customer.model.options import currency as known_currency
from services.customer.model.values.numbers import decimal

USUAL_BASE = "CNY"  # as long as nobody has said another
RATE_PRECISION, RATE_SCALE = 18, 10
MOST_ITEMS = 500
NO_RATE = object()  # in place of a number that nobody knows
_rate = decimal(RATE_PRECISION, RATE_SCALE, None, None)


@dataclass(frozen=True)
class Part:
    """Amounts of one currency and one rate: what a function gives over them, how many they are, and what one unit is
    worth in the currency that is asked for (None when nobody knows)."""

    value: Any
    count: int
    factor: Decimal | None
    currency: str


def as_they_are(parts: Iterable[Part]) -> list[Part] | None:
    """The parts without any conversion when all are in one currency, else None; nothing is nothing in each."""
    counted = [part for part in parts if part.count]
    worth = [part for part in counted if part.value] or counted[:1]
    if len({part.currency for part in worth}) != 1:
        return None
    return [replace(part, factor=Decimal(1), currency=worth[0].currency) for part in counted]


def put_together(function: str, parts: Iterable[Part]) -> tuple[Any, int]:
    """The function over the parts, in one currency, and how many amounts there are; an average is still a sum."""
    counted = [part for part in parts if part.count]
    count = sum(part.count for part in counted)
    if any(part.factor is None for part in counted):
        return NO_RATE, count
    amounts = [EXACT.multiply(Decimal(part.value), part.factor or Decimal(0)) for part in counted]
    if not amounts:
        return None, 0
    return ({"min": min, "max": max}[function](amounts) if function in ("min", "max")
            else reduce(EXACT.add, amounts)), count


def factor(currency: str, wanted: str, base: str, rates: Mapping[str, Decimal | None]) -> Decimal | None:
    """What one unit of a currency is worth in another, by their rates to the base."""
    if currency == wanted:
        return Decimal(1)
    own, other = (Decimal(1) if one == base else rates.get(one) for one in (currency, wanted))
    return None if own is None or other is None else EXACT.divide(own, other)


def read_currencies(given: Mapping[str, Any]) -> list[str]:
    """The currencies of a company, its base first; raises InvalidError."""
    base, items = given.get("base"), given.get("items")
    if not isinstance(items, list):
        raise InvalidError.at("/items", "not_list")
    if len(items) > MOST_ITEMS:
        raise InvalidError.at("/items", "bad_list", max=MOST_ITEMS)
    faults = [*_faults("/base", base)]
    for place, one in enumerate(items):
        faults += _faults(f"/items/{place}", one)
    if faults:
        raise InvalidError(faults)
    return list(dict.fromkeys([str(base), *items]))


def _faults(pointer: str, code: Any) -> list[Fault]:
    try:
        known_currency(code)
    except BadValueError as error:
        return [Fault(pointer, error.code, error.params)]
    return []


def read_rate(currency: str, day: str, given: Any, base: str) -> tuple[date, Decimal]:
    """The day and the rate of a request; raises InvalidError."""
    faults = [*_faults("/currency", currency)]
    if currency == base:
        faults.append(Fault("/currency", "rate_of_base"))
    try:
        valid_from = _day(day)
        rate = Decimal(_rate(given))
        if rate <= 0:
            raise BadValueError("rate_not_positive")
    except BadValueError as error:
        where = "/valid_from" if error.code == "not_date" else "/rate"
        raise InvalidError([*faults, Fault(where, error.code, error.params)]) from error
    if faults:
        raise InvalidError(faults)
    return valid_from, rate


def _day(given: str) -> date:
    try:
        found = date.fromisoformat(given)
    except ValueError as error:
        raise BadValueError("not_date") from error
    if not 1900 <= found.year <= 2200 or found.isoformat() != given:
        raise BadValueError("not_date")
    return found
