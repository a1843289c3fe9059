"""A caller hears the escalations and errors of the processes that it has called, in the order in which they came."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from chassis.clock import utcnow
from chassis.context import Cause, Origin, with_cause
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from chassis.ids import new_id
from services.workflow.model.processes.stimuli import Raised
from services.workflow.model.texts import said
from services.workflow.store.tables import process_instance, process_raised, process_wait
from services.workflow.usecases.processes.ending import tell_applicant
from services.workflow.usecases.processes.history import Deed
from services.workflow.usecases.processes.steps import locked, stepped

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
_LONGEST_PAUSE = 3600
_RAISED, _WAIT = process_raised.c, process_wait.c


def hear_next(service: Service) -> bool:
    """Let a caller hear what was thrown first; False when there is nothing. What leads nowhere is tried again."""
    with service.db.unit_of_work() as uow:
        row = uow.execute(select(process_raised).where(_RAISED.due_at <= utcnow()).order_by(_RAISED.id).limit(1)
                          .with_for_update(skip_locked=True)).mappings().one_or_none()
        if row is None:
            return False
        try:
            with uow.savepoint():
                _hear(service, uow, row)
        except (_NotNow, Problem) as later:
            reason = later.reason if isinstance(later, _NotNow) else said("blocked.neighbour")
            pause = timedelta(seconds=min(2 ** min(row["attempts"], 12), _LONGEST_PAUSE))
            uow.execute(update(process_raised).where(_RAISED.id == row["id"]).values(
                due_at=utcnow() + pause, attempts=row["attempts"] + 1))
            uow.execute(update(process_instance).where(process_instance.c.id == row["instance_id"]).values(
                problem=dict(reason)))
            return True
        uow.execute(delete(process_raised).where(_RAISED.id == row["id"]))
        return True


class _NotNow(Exception):
    """The caller cannot go on from there; it is tried again. `reason` says why, by language."""

    def __init__(self, reason: Mapping[str, str]) -> None:
        super().__init__(reason.get("en"))
        self.reason = reason


def _hear(service: Service, uow: UnitOfWork, row: Row) -> None:
    instance = locked(uow, row["instance_id"])
    if instance is None or not _waits(uow, row):
        return  # nobody is left to hear it
    with with_cause(Cause(new_id(), origin=Origin("process", instance["process_id"]))):
        stimulus = Raised(row["token"], row["what"], row["code"])
        tell_applicant(service, uow, stepped(service, uow, instance, stimulus, Deed(), _NotNow))


def _waits(uow: UnitOfWork, row: Row) -> bool:
    return uow.execute(select(_WAIT.token).where(
        _WAIT.instance_id == row["instance_id"], _WAIT.token == row["token"]).limit(1)).scalar() is not None
