"""Stretches of time: buckets of dimensions, the period of a question, and how far back the one before it lies.

Quarters and years begin in the month that the company chose. A comparison looks at the records of an earlier stretch as
if they lay a step later; weeks are compared with the week 52 weeks earlier, so that weekdays meet weekdays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

BUCKETS = ("day", "week", "month", "quarter", "year")
COMPARISONS = ("previous", "year")
_MONTHS: Mapping[str, int] = {"month": 1, "quarter": 3, "year": 12}
_PLACES: Mapping[str, int] = {"last": -1, "this": 0, "next": 1}
_DAYS: Mapping[str, int] = {"yesterday": -1, "today": 0, "tomorrow": 1}
PERIODS = (*_DAYS, *(f"{place}_{unit}" for unit in BUCKETS[1:] for place in _PLACES))


@dataclass(frozen=True)
class Span:
    """A length of time by the calendar."""

    months: int = 0
    days: int = 0

    def after(self, day: date) -> date:
        """The day that lies so much later; from the end of a long month to the end of a shorter one."""
        if not self.months:
            return day + timedelta(self.days)
        month = day.year * 12 + day.month - 1 + self.months
        for number in range(day.day, 0, -1):
            try:
                return date(month // 12, month % 12 + 1, number)
            except ValueError:
                if number <= 28:  # the calendar ends, not the month
                    raise
        raise ValueError(day)


def length(unit: str) -> Span:
    """How long a bucket is."""
    return Span(months=_MONTHS[unit]) if unit in _MONTHS else Span(days=7 if unit == "week" else 1)


def step(unit: str, compare: str) -> Span:
    """How much earlier the stretch lies that a bucket is compared with."""
    if compare == "previous":
        return length(unit)
    return Span(days=364) if unit == "week" else Span(months=12)


@dataclass(frozen=True)
class Period:
    """From the first day to the last one; `unit` is what it is one of."""

    unit: str
    start: date
    last: date

    def has(self, day: date) -> bool:
        """Whether the day is one of it."""
        return self.start <= day <= self.last

    @property
    def end(self) -> date:
        """The first day after it."""
        return self.last + timedelta(1)


def period_of(name: str, today: date, first_month: int) -> Period:
    """The period of a name from the table above, as seen from a day."""
    if name in _DAYS:
        day = today + timedelta(_DAYS[name])
        return Period("day", day, day)
    place, _, unit = name.partition("_")
    return bucket_at(today, unit, first_month, _PLACES[place])


def bucket_at(day: date, unit: str, first_month: int, offset: int = 0) -> Period:
    """The bucket in which a day lies, or one so many further."""
    if unit in ("day", "week"):
        start = day - timedelta(day.weekday() if unit == "week" else 0) + timedelta(length(unit).days * offset)
        return Period(unit, start, _last(unit, start))
    long, shift = _MONTHS[unit], first_month - 1
    month = ((day.year * 12 + day.month - 1 - shift) // long + offset) * long + shift
    start = date(month // 12, month % 12 + 1, 1)
    return Period(unit, start, _last(unit, start))


def _last(unit: str, start: date) -> date:
    try:
        return length(unit).after(start) - timedelta(1)
    except (OverflowError, ValueError):  # the calendar ends within it
        return date.max
