"""Values on their way into a formula (from the wire form of a record), within it, and out of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

from chassis.criteria.scope import Scope
from chassis.formulas.errors import BudgetError, EvaluationError
from chassis.formulas.limits import MAX_DIGITS, MAX_EXPONENT, MAX_ITEMS, MAX_SECONDS, MAX_STEPS, MAX_TEXT
from chassis.formulas.types import Money

EXACT = Context(prec=MAX_DIGITS, rounding=ROUND_HALF_EVEN, Emin=-MAX_EXPONENT, Emax=MAX_EXPONENT,
                traps=[InvalidOperation, DivisionByZero, Overflow], flags=[])
_HUNDRED = Decimal(100)
_TICKS_BETWEEN_LOOKS = 2_000


class Frame:
    """One run of a formula: the record, those it leads to, the moment, and what may still be spent.

    `known` is what has been found out about the record, by what was asked; formulas over one record may share it.
    """

    __slots__ = ("_deadline", "_left", "_look_at", "_zone", "known", "record", "related", "rows", "scope")

    def __init__(self, record: Mapping[str, Any], related: Mapping[str, Any], scope: Scope,
                 known: dict[str, Any] | None = None) -> None:
        self.record, self.related, self.scope = record, related, scope
        self.known: dict[str, Any] = {} if known is None else known
        self._zone: ZoneInfo | None = None
        self.rows: list[Mapping[str, Any]] = []  # the records that FILTER and the like are looking at, inmost last
        self._left, self._look_at, self._deadline = MAX_STEPS, MAX_STEPS, 0.0

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the scope."""
        if self._zone is None:
            self._zone = self.scope.zone
        return self._zone

    def spend(self, steps: int) -> None:
        """Take steps from the budget, and look at the clock now and then; raises BudgetError."""
        self._left -= steps
        if self._left > self._look_at:
            return
        self._look_at = self._left - _TICKS_BETWEEN_LOOKS
        now = perf_counter()
        self._deadline = self._deadline or now + MAX_SECONDS
        if self._left < 0 or now > self._deadline:
            raise BudgetError("too_much_work")

    def text(self, text: str) -> str:
        """A text that was made, within its limit."""
        if len(text) > MAX_TEXT:
            raise BudgetError("text_too_long", limit=MAX_TEXT)
        if len(text) > 100:
            self.spend(len(text) // 100)
        return text

    def items(self, items: list[Any]) -> list[Any]:
        """A list that will be walked through, within its limit."""
        if len(items) > MAX_ITEMS:
            raise BudgetError("list_too_long", limit=MAX_ITEMS)
        self.spend(len(items))
        return items

    def local_day(self, value: date | datetime) -> date:
        """The calendar day of a date or of a moment in the scope's time zone."""
        return value.astimezone(self.zone).date() if isinstance(value, datetime) else value


# -- in -------------------------------------------------------------------------------------------

Read = Callable[[Any], Any]


def _number(value: Any) -> Decimal:
    return value if type(value) is Decimal else Decimal(value)


def _percent(value: Any) -> Decimal:
    return EXACT.divide(Decimal(value), _HUNDRED)


def _money(value: Any) -> Money | None:
    amount = value["amount"]
    return None if amount is None else Money(Decimal(amount), value.get("currency"))


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


READERS: Mapping[str, Read] = {
    "integer": _number, "decimal": _number, "percent": _percent, "money": _money, "date": _day, "datetime": _moment,
}


# -- within ---------------------------------------------------------------------------------------

def text_of(value: Any, frame: Frame) -> str:
    """A value as text: numbers without idle zeros, dates as ISO 8601, moments in the scope's time zone."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, list):
        return ", ".join(text_of(item, frame) for item in frame.items(value))
    return _TEXTS[type(value)](value, frame)


def number_text(value: Decimal) -> str:
    """A number in full, without idle zeros."""
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


_TEXTS: Mapping[type, Callable[[Any, Frame], str]] = {
    bool: lambda value, _: "TRUE" if value else "FALSE",
    Decimal: lambda value, _: number_text(value),
    Money: lambda value, _: f"{number_text(value.amount)} {value.currency or ''}".rstrip(),
    datetime: lambda value, frame: value.astimezone(frame.zone).strftime("%Y-%m-%d %H:%M"),
    date: lambda value, _: value.isoformat(),
}


def same_currency(left: Money, right: Money) -> str | None:
    """The currency of both; raises EvaluationError when they have two. Nothing is nothing in every currency."""
    if not comparable(left, right):
        raise EvaluationError("mixed_currencies")
    told, other = (left, right) if left.amount or not right.amount else (right, left)
    return told.currency or other.currency


def comparable(left: Money, right: Money) -> bool:
    """Whether two amounts can be put beside each other: in one currency, or one of them is 0."""
    return (left.currency == right.currency or left.currency is None or right.currency is None
            or not left.amount or not right.amount)


def shifted(value: date | datetime, days: Decimal) -> date | datetime:
    """A date some days later; parts of a day count for moments only."""
    try:
        if isinstance(value, datetime):
            return value + timedelta(microseconds=int(days * 86_400_000_000))
        return value + timedelta(days=int(days))
    except (OverflowError, ValueError):
        raise EvaluationError("date_out_of_range") from None


def days_between(end: date | datetime, start: date | datetime, frame: Frame) -> Decimal:
    """`end - start` in days: with parts for two moments, whole calendar days otherwise."""
    if isinstance(end, datetime) and isinstance(start, datetime):
        gone = end - start
        seconds = Decimal(gone.days * 86_400 + gone.seconds) + Decimal(gone.microseconds).scaleb(-6)
        return EXACT.divide(seconds, Decimal(86_400))
    return Decimal((frame.local_day(end) - frame.local_day(start)).days)
