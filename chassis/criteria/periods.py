"""Calendar periods around a day; weeks begin on Monday (ISO 8601), quarters in January, April, July and
October.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

Period = Callable[[date], tuple[date, date]]


def _day(offset: int) -> Period:
    return lambda today: (today + timedelta(offset), today + timedelta(offset + 1))


def _week(offset: int) -> Period:
    def period(today: date) -> tuple[date, date]:
        monday = today - timedelta(today.weekday()) + timedelta(weeks=offset)
        return monday, monday + timedelta(weeks=1)

    return period


def _months(length: int, offset: int) -> Period:
    def period(today: date) -> tuple[date, date]:
        first = today.year * 12 + (today.month - 1) // length * length + offset * length
        return _first_of(first), _first_of(first + length)

    return period


def _first_of(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


# Each gives the first day of the period and the first day after it.
PERIODS: dict[str, Period] = {
    "today": _day(0), "yesterday": _day(-1), "tomorrow": _day(1),
    "this_week": _week(0), "last_week": _week(-1), "next_week": _week(1),
    "this_month": _months(1, 0), "last_month": _months(1, -1), "next_month": _months(1, 1),
    "this_quarter": _months(3, 0),
    "this_year": _months(12, 0), "last_year": _months(12, -1),
}  # fmt: skip
