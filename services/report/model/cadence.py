"""When something is to be done again: every day, on a day of the week or on a day of the month, at a time of day.

The time is that of a time zone. Where the clocks are put forward, a time that a day does not have is taken as long
after midnight as it would have been; one that a day has twice is the first of the two. A month without the day has it
on its last one.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY, WEEK, MONTH = "day", "week", "month"
EVERY = (DAY, WEEK, MONTH)


@dataclass(frozen=True)
class Cadence:
    """`weekday` is 1 (Monday) to 7 and goes with weeks, `day` is 1 to 31 and goes with months."""

    every: str
    at: time
    timezone: str
    weekday: int | None = None
    day: int | None = None

    def after(self, moment: datetime) -> datetime:
        """The first time after `moment`, in UTC."""
        zone = ZoneInfo(self.timezone)
        today = moment.astimezone(zone).date()
        return next(found for day in self._days(today)
                    if (found := datetime.combine(day, self.at, zone).astimezone(UTC)) > moment)

    def _days(self, start: date) -> Iterator[date]:
        """The days from `start` on, that day itself included when it is one."""
        for ahead in range(64):  # a month's day comes within that, whatever it is
            day = start + timedelta(days=ahead)
            if self._is_one(day):
                yield day

    def _is_one(self, day: date) -> bool:
        if self.every == WEEK:
            return day.isoweekday() == self.weekday
        if self.every == MONTH:
            return day.day == min(self.day or 1, calendar.monthrange(day.year, day.month)[1])
        return True
