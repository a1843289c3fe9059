"""Lengths of time as people write them: `30m`, `24h`, `3d`, `2w` by the clock, `2wh` and `3wd` in working time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.working_time.calendar import Calendar
from chassis.working_time.counting import add_days, add_time

FORM = re.compile(r"([1-9][0-9]{0,4})(m|h|d|w|wh|wd)\Z", re.ASCII)
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
LONGEST = timedelta(days=3_660)
MOST = {"wh": 8_000, "wd": 1_000}  # of working hours and days


@dataclass(frozen=True)
class Length:
    """So many units."""

    amount: int
    unit: str

    @property
    def works(self) -> bool:
        """Whether it counts working time."""
        return self.unit in MOST

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"


def read_length(text: object) -> Length | None:
    """Return the length of time, or None when the text is none or is too long."""
    found = FORM.match(text) if isinstance(text, str) else None
    if found is None:
        return None
    length = Length(int(found[1]), found[2])
    fits = length.amount <= MOST[length.unit] if length.works else length.amount * UNITS[length.unit] <= LONGEST
    return length if fits else None


def later(length: Length, moment: datetime, calendar: Calendar, sign: int = 1) -> datetime:
    """Return the moment so much later, or earlier with -1; working days keep the time of day. Raises NeverWorked."""
    if length.unit == "wh":
        return add_time(calendar, moment, sign * timedelta(hours=length.amount))
    if length.unit == "wd":
        local = moment.astimezone(calendar.zone)
        day = add_days(calendar, local.date(), sign * length.amount)
        return local.replace(year=day.year, month=day.month, day=day.day).astimezone(moment.tzinfo)
    return moment + sign * length.amount * UNITS[length.unit]
