"""Processes that rules start: ordered with the run of the rule, started by the loop of processes.

The order goes in the same transaction in which its instance comes, so it starts once. What cannot be started (it runs
over this record already, its start has a condition, it was switched off) is told in the run, as a failed action. The
process is locked meanwhile, so of two orders over one record the second meets the instance of the first.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from chassis.clock import utcnow
from chassis.context import with_cause
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from chassis.ids import is_id
from services.workflow.events import publish_runs
from services.workflow.metrics import INSTANCES
from services.workflow.model.processes.stimuli import Begin
from services.workflow.model.results import failure_in, outcome_of
from services.workflow.model.texts import said
from services.workflow.store.tables import process, process_instance, process_order, rule_run
from services.workflow.usecases.intents import cause_of
from services.workflow.usecases.processes.ending import tell_applicant
from services.workflow.usecases.processes.history import RUNNING, Deed
from services.workflow.usecases.processes.starting import new_instance
from services.workflow.usecases.processes.steps import stepped

if TYPE_CHECKING:
    from chassis.service import Service

log = logging.getLogger(__name__)

_LONGEST_PAUSE = 3600
_ORDER = process_order.c


class _Refused(Exception):
    """The process is not started; `reason` says why, by language."""

    def __init__(self, reason: Mapping[str, str]) -> None:
        super().__init__(reason.get("en"))
        self.reason = reason


def start_next(service: Service) -> bool:
    """Start what was ordered first; False when nothing is due."""
    with service.db.unit_of_work() as uow:
        order = uow.execute(select(process_order).where(_ORDER.due_at <= utcnow()).order_by(_ORDER.id).limit(1)
                            .with_for_update(skip_locked=True)).one_or_none()
        if order is None:
            return False
        try:
            with with_cause(cause_of(order, deeper=1)), uow.savepoint():
                _start(service, uow, order)
        except _Refused as refused:
            _tell(uow, order, refused.reason)
        except Problem as problem:  # a neighbour does not answer
            log.warning("an ordered process waits: %s", problem)
            _try_later(uow, order)
            return True
        uow.execute(delete(process_order).where(_ORDER.id == order.id))
    return True


def _start(service: Service, uow: UnitOfWork, order: Any) -> None:
    named = process.c.id if is_id(order.process) else process.c.key
    known = uow.execute(select(process).where(named == order.process).with_for_update()).mappings().one_or_none()
    if known is None or not known["active"]:
        raise _Refused(said("failed.process_rests"))
    if _runs(uow, known["id"], order.record_id):
        raise _Refused(said("failed.process_runs", name=known["name"]))
    instance = new_instance(known, order.applicant_id, order.record_id)
    uow.execute(process_instance.insert().values(instance))
    row = stepped(service, uow, instance, Begin(), Deed(by=order.applicant_id, what="started"), _Refused)
    uow.after_commit(INSTANCES.labels("started").inc)
    tell_applicant(service, uow, row)


def _runs(uow: UnitOfWork, process_id: str, record_id: str) -> bool:
    return uow.execute(select(process_instance.c.id).where(
        process_instance.c.record_id == record_id, process_instance.c.process_id == process_id,
        process_instance.c.state == RUNNING).limit(1)).scalar() is not None


def _tell(uow: UnitOfWork, order: Any, reason: Mapping[str, str]) -> None:
    """The run of the rule says that this action came to nothing, and so does the timeline of its record."""
    run = uow.execute(select(rule_run).where(rule_run.c.id == order.run_id).with_for_update()).mappings().one_or_none()
    if run is None:
        return
    actions = [{**action, "result": "failed", "detail": dict(reason)} if place == order.position else action
               for place, action in enumerate(run["actions"])]
    changed = {"actions": actions, "outcome": outcome_of(actions), "error": failure_in(actions)}
    uow.execute(update(rule_run).where(rule_run.c.id == order.run_id).values(changed))
    if changed["outcome"] != "pending":  # else it is told with its other changes, once they are settled
        with with_cause(cause_of(order)):
            publish_runs(uow, [{**run, **changed, "at": utcnow()}])


def _try_later(uow: UnitOfWork, order: Any) -> None:
    pause = timedelta(seconds=min(2 ** min(order.attempts + 1, 12), _LONGEST_PAUSE))
    uow.execute(update(process_order).where(_ORDER.id == order.id).values(
        due_at=utcnow() + pause, attempts=order.attempts + 1))
