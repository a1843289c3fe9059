"""Counting in working time: so much later or earlier, how much lies between, so many working days on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice, takewhile

from chassis.working_time.calendar import Calendar, Stretch

MAX_DAYS = 3_660  # that are looked at, in either direction
_DAY = timedelta(days=1)
_NONE = timedelta()


class NeverWorked(ValueError):
    """The calendar has too little working time to count so far."""


def add_time(calendar: Calendar, moment: datetime, length: timedelta) -> datetime:
    """Return the first moment until which so much was worked since `moment`; for a negative length the last one since
    which so much was worked. Raises NeverWorked."""
    moment = moment.astimezone(UTC)
    if length == _NONE:
        return moment
    forward, left = length > _NONE, abs(length)
    for start, end in _forward(calendar, moment) if forward else _backward(calendar, moment):
        if end - start >= left:
            return start + left if forward else end - left
        left -= end - start
    raise NeverWorked


def time_between(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Return how much is worked from one moment until another; negative when the first is the later one. Raises
    NeverWorked for moments too far apart."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if start > end:
        return -time_between(calendar, end, start)
    if end - start > MAX_DAYS * _DAY:
        raise NeverWorked
    total = _NONE
    for opens, closes in _forward(calendar, start):
        if opens >= end:
            break
        total += min(closes, end) - opens
    return total


def add_days(calendar: Calendar, day: date, count: int) -> date:
    """Return the working day so many working days later, or earlier; none is the day itself. Raises NeverWorked."""
    if count == 0:
        return day
    step = _DAY if count > 0 else -_DAY
    found = (one for number in range(1, MAX_DAYS + 1) if calendar.works_on(one := day + number * step))
    wanted = next(islice(found, abs(count) - 1, None), None)
    if wanted is None:
        raise NeverWorked
    return wanted


def _forward(calendar: Calendar, since: datetime) -> Iterator[Stretch]:
    """Working time from a moment on, without overlaps, in order; the day before may still be at work."""
    first = since.astimezone(calendar.zone).date() - _DAY
    reached = since
    for number in range(MAX_DAYS + 2):
        for start, end in calendar.stretches(first + number * _DAY):
            if end > reached:
                yield max(start, reached), end
                reached = end


def _backward(calendar: Calendar, until: datetime) -> Iterator[Stretch]:
    """Working time before a moment, without overlaps, the latest first: a week at a time, each read forward."""
    for _ in range(MAX_DAYS // 7 + 1):
        since = until - 7 * _DAY
        yield from reversed([(start, min(end, until)) for start, end in takewhile(
            lambda one, until=until: one[0] < until, _forward(calendar, since))])
        until = since
