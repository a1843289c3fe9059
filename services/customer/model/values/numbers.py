"""Exact numbers: whole, decimal, percent and money. Floats never decide anything.

On the wire decimals are strings with all their places (`"12.50"`); numbers are accepted too. Money
carries its currency and has two places.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from services.customer.model.faults import BadValueError

Coerce = Callable[[Any], Any]

MAX_INTEGER = 2**53 - 1
MONEY_PRECISION, MONEY_SCALE = 18, 2
PERCENT_PRECISION, PERCENT_SCALE = 9, 4
_NUMBER = re.compile(r"[+-]?\d{1,40}(?:\.\d{0,40})?\Z", re.ASCII)
_CELL_NOISE = re.compile(r"[\s,，_]|^[¥￥$€£]|(?:元|%|％)$")
_CURRENCY_CODES = """
    AED ARS AUD BDT BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR JPY KES KRW KZT
    LKR MAD MMK MOP MXN MYR NGN NOK NPR NZD PEN PHP PKR PLN QAR RON RSD RUB SAR SEK SGD THB TRY TWD UAH
    USD UYU VND XAF XOF ZAR
"""
CURRENCIES = frozenset(_CURRENCY_CODES.split())


def integer(low: int | None, high: int | None) -> Coerce:
    """A whole number that also JavaScript can hold."""
    bottom = -MAX_INTEGER if low is None else low
    top = MAX_INTEGER if high is None else high

    def coerce(value: Any) -> int:
        if type(value) is not int:
            raise BadValueError("not_integer")
        return _within(value, bottom, top)

    return coerce


def decimal(precision: int, scale: int, low: Decimal | None, high: Decimal | None) -> Coerce:
    """An exact number of at most `precision` digits, `scale` of them behind the point."""
    limit = Decimal(10) ** (precision - scale)
    step = Decimal(1).scaleb(-scale)

    def coerce(value: Any) -> str:
        number = _number(value)
        if abs(number) >= limit:
            raise BadValueError("number_too_big", digits=precision - scale)
        rounded = number.quantize(step)
        if rounded != number:
            raise BadValueError("too_many_decimals", scale=scale)
        _within(rounded, low, high)
        return format(rounded if rounded else abs(rounded), "f")

    return coerce


def money(currency: str, low: Decimal | None, high: Decimal | None) -> Coerce:
    """`{"amount", "currency"}`; without a currency it is the field's own."""
    amount_of = decimal(MONEY_PRECISION, MONEY_SCALE, low, high)

    def coerce(value: Any) -> dict[str, str]:
        if type(value) is not dict or "amount" not in value or not value.keys() <= {"amount", "currency"}:
            raise BadValueError("not_money")
        given = value.get("currency") or currency
        if not isinstance(given, str) or given not in CURRENCIES:
            raise BadValueError("unknown_currency")
        return {"amount": amount_of(value["amount"]), "currency": given}

    return coerce


def in_currency(coerce: Coerce, currency: str) -> Coerce:
    """Money of one currency alone, for what is summed: amounts of several have no sum."""

    def strict(value: Any) -> dict[str, str]:
        found = coerce(value)
        if found["currency"] != currency:
            raise BadValueError("other_currency", currency=currency)
        return found

    return strict


def spread(value: dict[str, str]) -> tuple[Decimal, str]:
    """The columns of money."""
    return Decimal(value["amount"]), value["currency"]


def gather(amount: Decimal, currency: str) -> dict[str, str]:
    """The money of its columns."""
    return {"amount": f"{amount:f}", "currency": currency}


def cell(value: Any) -> Any:
    """A number as people type it: `1,234.50`, `¥ 1200`, `12%`, full-width digits."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return value
    if isinstance(value, str):
        return _CELL_NOISE.sub("", value.strip().translate(_FULL_WIDTH))
    return value


def integer_cell(value: Any) -> Any:
    """A whole number of a cell; `12.0` is 12."""
    plain = cell(value)
    try:
        number = _number(plain)
    except BadValueError:
        return plain
    return int(number) if number == number.to_integral_value() else plain


def money_cell(currency: str) -> Callable[[Any], Any]:
    """An amount in the field's currency, or with a currency code before or behind it."""

    def read(value: Any) -> Any:
        if not isinstance(value, str):
            return {"amount": value, "currency": currency}
        plain = value.strip().upper()
        for code in (plain[:3], plain[-3:]):
            if code in CURRENCIES:
                return {"amount": cell(plain.replace(code, "", 1)), "currency": code}
        return {"amount": cell(plain), "currency": currency}

    return read


_FULL_WIDTH = str.maketrans("０１２３４５６７８９．－＋", "0123456789.-+")


def _number(value: Any) -> Decimal:
    if type(value) is int:
        if abs(value) > 10**40:
            raise BadValueError("number_too_big", digits=40)
        return Decimal(value)
    if type(value) is float:
        value = format(Decimal(repr(value)), "f") if abs(value) < 1e40 else ""
    if type(value) is not str or not _NUMBER.match(value):
        raise BadValueError("not_number")
    return Decimal(value)


def _within(value: Any, low: Any, high: Any) -> Any:
    if low is not None and value < low:
        raise BadValueError("too_small", min=str(low))
    if high is not None and value > high:
        raise BadValueError("too_large", max=str(high))
    return value
