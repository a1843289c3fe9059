"""A working calendar: the spans of each weekday, and days that are different (holidays, make-up working days).

A span is two minutes of the day by the clock on the wall; one that ends at or before its start goes past midnight. It
begins when the wall clock first shows its start and ends when it first shows its end, so an hour that is skipped or
repeated when clocks change is counted as long as it really was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

Span = tuple[int, int]  # minutes of the day; the end may lie on the day after
Stretch = tuple[datetime, datetime]  # from one moment until another, in UTC
MINUTES = 1_440
_REMEMBERED = 4_000
ORDINARY_WEEK: Sequence[Sequence[Span]] = (*(((540, 1_080),),) * 5, (), ())  # Monday to Friday, 9 to 18


class Calendar:
    """Who works when; immutable."""

    def __init__(self, timezone: str, week: Sequence[Sequence[Span]] = ORDINARY_WEEK,
                 days: Mapping[date, Sequence[Span]] | None = None) -> None:
        self.zone = ZoneInfo(timezone)
        self._week = [tuple(spans) for spans in week]
        self._days = {day: tuple(spans) for day, spans in (days or {}).items()}
        self._stretches: dict[date, tuple[Stretch, ...]] = {}

    @property
    def ever_works(self) -> bool:
        """Whether a week has working time at all."""
        return any(self._week)

    def spans(self, day: date) -> tuple[Span, ...]:
        """The spans that begin on a day."""
        own = self._days.get(day)
        return self._week[day.weekday()] if own is None else own

    def works_on(self, day: date) -> bool:
        """Tell whether work begins on a day."""
        return bool(self.spans(day))

    def stretches(self, day: date) -> tuple[Stretch, ...]:
        """The working time that begins on a day, in order; stretches of two days may overlap."""
        known = self._stretches.get(day)
        if known is None:
            if len(self._stretches) >= _REMEMBERED:
                self._stretches.clear()
            found = sorted((self._moment(day, start), self._moment(day, end if end > start else end + MINUTES))
                           for start, end in self.spans(day))
            known = self._stretches[day] = tuple(one for one in found if one[0] < one[1])
        return known

    def _moment(self, day: date, minutes: int) -> datetime:
        """When the wall clock first shows a minute of a day, or jumps over it."""
        wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
        moment = wall.replace(tzinfo=self.zone).astimezone(UTC)
        if moment.astimezone(self.zone).replace(tzinfo=None) == wall:
            return moment
        return self._jump(wall.replace(tzinfo=self.zone, fold=1).astimezone(UTC), moment)

    def _jump(self, before: datetime, after: datetime) -> datetime:
        """The moment between two at which the clocks are put forward."""
        old = before.astimezone(self.zone).utcoffset()
        low, high = 0, int((after - before).total_seconds())
        while high - low > 1:
            middle = (low + high) // 2
            still_old = (before + timedelta(seconds=middle)).astimezone(self.zone).utcoffset() == old
            low, high = (middle, high) if still_old else (low, middle)
        return before + timedelta(seconds=high)


@lru_cache(maxsize=100)
def ordinary(timezone: str) -> Calendar:
    """Return the calendar of an ordinary week, for who has said nothing else."""
    return Calendar(timezone)


def read_calendar(body: Mapping[str, Any]) -> Calendar:
    """Return the calendar of a body as the gateway's API shows it."""
    return Calendar(body["timezone"], [_spans(spans) for spans in body["week"]],
                    {date.fromisoformat(one["date"]): _spans(one["spans"]) for one in body["days"]})


def _spans(given: Sequence[Sequence[str]]) -> tuple[Span, ...]:
    return tuple((_minute(start), _minute(end)) for start, end in given)


def _minute(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)
