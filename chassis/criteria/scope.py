"""What a criterion is judged against besides the record: the moment, the caller, and what a change was
before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from chassis.working_time import Calendar, ordinary

if TYPE_CHECKING:
    from chassis.criteria.related import Around, RelatedTable


@dataclass(frozen=True, slots=True)
class Scope:
    """The moment and the caller: `now` is aware, `timezone` an IANA name.

    `departments_below(id)` gives the ids of all departments below that one (the one itself may be among
    them). Where criteria ask related records, SQL needs `tables`, which gives the table of an object with the condition
    for rows that may be looked at, and a predicate needs `around`. `calendars` gives the working calendar of a
    department, or the company's for none.
    """

    now: datetime
    timezone: str = "UTC"
    user_id: str | None = None
    department_id: str | None = None
    departments_below: Callable[[str], Sequence[str]] = lambda _department: ()
    tables: Callable[[str], RelatedTable] | None = None
    around: Around | None = None
    calendars: Callable[[str | None], Calendar] | None = None

    def calendar(self, department: str | None = None) -> Calendar:
        """The working calendar of a department, or of the company."""
        return ordinary(self.timezone) if self.calendars is None else self.calendars(department)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def today(self) -> date:
        """The caller's calendar day."""
        return self.now.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Change:
    """A record after a change, what its changed fields were before, and which they are; for rules."""

    after: Mapping[str, Any]
    before: Mapping[str, Any]
    changed: Collection[str]

    @property
    def previous(self) -> Mapping[str, Any]:
        """The whole record as it was."""
        return {**self.after, **self.before}
