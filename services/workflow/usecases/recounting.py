"""What is counted in working time is counted again when somebody works at other times: timers of processes that have
not run out, and due times of open tasks.

A schedule compares who works when with what it was the last time, and asks for the work in slices. It is done twice, a
minute apart: for a moment other processes still count by the calendars that they knew, and a task that somebody has in
his hands just then is passed over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, literal, select, tuple_, update

from chassis.clock import utcnow
from chassis.db import UnitOfWork, insert_or
from chassis.jobs import Job, enqueue
from chassis.jsonio import dumps
from chassis.working_time import NeverWorked, later, read_length
from services.workflow.events import publish_tasks
from services.workflow.store.tables import calendar_stand, process_wait, task
from services.workflow.usecases.people import names_of
from services.workflow.usecases.processes.signals import CLOCK
from services.workflow.usecases.task_rows import due_sort

if TYPE_CHECKING:
    from chassis.service import Service

RECOUNT = "workflow.recount"
_SLICE = 200
_WAIT, _TASK = process_wait.c, task.c
_PLACE = tuple_(_WAIT.instance_id, _WAIT.token, _WAIT.node)
_KINDS = _WAIT.instance_id.type, _WAIT.token.type, _WAIT.node.type
_MOVE_WAIT = update(process_wait).where(
    _WAIT.instance_id == bindparam("instance"), _WAIT.token == bindparam("of"), _WAIT.node == bindparam("at"),
    _WAIT.due_at == bindparam("known")).values(due_at=bindparam("due"))
_MOVE_TASK = update(task).where(_TASK.id == bindparam("task")).values(
    {name: bindparam(name) for name in ("due_at", "due_sort", "version", "updated_at")})


def follow_calendars(service: Service) -> None:
    """Ask for everything to be counted again when calendars have changed, and once more after that."""
    times = service.directory.snapshot().times_of_work(service.settings.default_timezone)
    stand = hashlib.sha256(dumps(times).encode()).hexdigest()
    with service.db.unit_of_work() as uow:
        known = uow.execute(select(calendar_stand)).one_or_none()
        changed = known is None or known.stand != stand
        if changed or known.again:
            row = {"stand": stand, "again": changed}
            uow.execute(insert_or(uow, calendar_stand).values(id=1, **row).on_conflict_do_update(
                index_elements=["id"], set_=row))
            enqueue(uow, RECOUNT, {})


def recount_job(service: Service, job: Job) -> None:
    """Count timers again, and then tasks."""
    for part, count in (("waits", _count_waits), ("tasks", _count_tasks)):
        while job.progress.get(part) != "done":
            with service.db.unit_of_work() as uow:
                after = count(service, uow, job.progress.get(part))
                job.save(uow, **{part: after or "done"})


def _count_waits(service: Service, uow: UnitOfWork, after: Sequence[Any] | None) -> list[Any] | None:
    """Count a slice of timers behind the place `after`; returns the last place, None when these were all."""
    query = select(process_wait).where(_WAIT.counted.is_not(None))
    if after:
        query = query.where(tuple_(*map(literal, after, _KINDS)) < _PLACE)
    rows = uow.execute(query.order_by(_WAIT.instance_id, _WAIT.token, _WAIT.node).limit(_SLICE)).all()
    waiting = [row for row in rows if not row.attempts]  # one that has run out is being taken already
    moved = [{"instance": row.instance_id, "of": row.token, "at": row.node, "known": row.due_at, "due": due}
             for row in waiting
             if (due := _due(service, row.counted, row.since, row.department_id)) not in (None, row.due_at)]
    if moved:
        uow.execute(_MOVE_WAIT, moved)
        uow.after_commit(lambda: service.wake(CLOCK))
    return list(rows[-1][:3]) if len(rows) == _SLICE else None


def _count_tasks(service: Service, uow: UnitOfWork, after: str | None) -> str | None:
    """Count a slice of open tasks behind the id `after`; returns the last id, None when these were all."""
    query = select(task).where(_TASK.due_in.is_not(None), _TASK.state == "open")
    if after:
        query = query.where(_TASK.id > after)
    rows = uow.execute(query.order_by(_TASK.id).limit(_SLICE).with_for_update(skip_locked=True)).all()
    moved = [(row, due) for row in rows
             if (due := _due(service, row.due_in, row.created_at, row.department_id)) not in (None, row.due_at)]
    if moved:
        _move(service, uow, moved)
    return rows[-1].id if len(rows) == _SLICE else None


def _move(service: Service, uow: UnitOfWork, moved: Sequence[tuple[Row[Any], datetime]]) -> None:
    now = utcnow()
    changes = [{"due_at": due, "due_sort": due_sort(due), "version": row.version + 1, "updated_at": now}
               for row, due in moved]
    uow.execute(_MOVE_TASK, [{"task": row.id, **change} for (row, _), change in zip(moved, changes, strict=True)])
    rows = [{**row._mapping, **change} for (row, _), change in zip(moved, changes, strict=True)]
    publish_tasks(uow, "updated", rows, names_of(service, rows), service.settings.default_locale)


def _due(service: Service, counted: str, since: datetime, department: str | None) -> datetime | None:
    """The moment so much working time later; None where the calendar has not so much: what waits stays as it is."""
    length = read_length(counted)
    calendar = service.directory.snapshot().calendar_of(department, service.settings.default_timezone)
    try:
        return later(length, since, calendar) if length is not None else None
    except NeverWorked:
        return None
