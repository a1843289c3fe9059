"""Working time: calendars of who works when, and lengths of time counted in them.

A pure library: `Calendar` says when is worked, `add_time`, `time_between` and `add_days` count. Calendars are kept by
the gateway and come to every service with the directory.
"""

from chassis.working_time.calendar import ORDINARY_WEEK, Calendar, ordinary, read_calendar
from chassis.working_time.counting import MAX_DAYS, NeverWorked, add_days, add_time, time_between
from chassis.working_time.lengths import MOST, UNITS, Length, later, read_length

__all__ = [
    "MAX_DAYS", "MOST", "ORDINARY_WEEK", "UNITS", "Calendar", "Length", "NeverWorked", "add_days", "add_time", "later",
    "ordinary", "read_calendar", "read_length", "time_between",
]  # fmt: skip
