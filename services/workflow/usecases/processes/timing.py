"""When timers are due: by the clock, in working time, at a moment, or as a formula says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis.criteria import Scope
from chassis.working_time import Calendar, Length, NeverWorked, later
from services.workflow.model.processes.definition import Timer
from services.workflow.model.processes.reader import PROCESS
from services.workflow.model.processes.stimuli import CannotGoOn

Row = Mapping[str, Any]
NOT_COUNTED = {"counted": None, "department_id": None}


def counted_by(timer: Timer, record: Row) -> Row:
    """The columns of a wait by which a timer in working time is counted again: by the calendar of the record's
    department."""
    works = timer.works
    return NOT_COUNTED if works is None else {"counted": str(works), "department_id": record.get("department_id")}


def due_of(timer: Timer, node: str, record: Row, scope: Scope, variables: Row) -> datetime:
    """When a timer that begins now is due. Raises CannotGoOn."""
    if timer.at is not None:
        return timer.at
    if timer.after is not None:
        return scope.now + timer.after
    if timer.works is not None:
        return reached(timer.works, scope.now, scope.calendar(record.get("department_id")), node)
    assert timer.formula is not None
    value = timer.formula.value(record, scope, {PROCESS: variables})
    if value is None:
        raise CannotGoOn("timer", node)
    return datetime.fromisoformat(value)


def reached(length: Length, now: datetime, calendar: Calendar, node: str) -> datetime:
    """The moment so much later. Raises CannotGoOn when the calendar has not so much working time."""
    try:
        return later(length, now, calendar)
    except NeverWorked:
        raise CannotGoOn("never_worked", node) from None
