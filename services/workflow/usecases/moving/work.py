"""The work of a move: one instance after the other, each with its result and the job's progress in one unit of work."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from chassis.jobs import Job, JobCancelled
from services.workflow.metrics import INSTANCES_MOVED
from services.workflow.model.processes.moving.plan import Plan
from services.workflow.model.texts import said
from services.workflow.queries.processes import find_process
from services.workflow.store.process_moves import (
    FAILED,
    FINISHED,
    GONE,
    KEPT,
    MOVED,
    RUNNING,
    change_move,
    find_move,
    lock_move,
    process_move_result,
    standing_in,
)
from services.workflow.store.tables import process_instance
from services.workflow.usecases.moving.one import Mover, Reasons
from services.workflow.usecases.moving.plans import plans_of
from services.workflow.usecases.processes.history import Deed
from services.workflow.usecases.processes.steps import locked

if TYPE_CHECKING:
    from chassis.service import Service

log = logging.getLogger(__name__)
_AT_ONCE = 50
_INSTANCE = process_instance.c


def move_job(service: Service, job: Job) -> None:
    """Move all instances that ran when the move began."""
    with service.db.unit_of_work() as uow:
        move = find_move(uow.connection, job.payload["move_id"])
        if move is None or move.state != RUNNING:
            return
        plans = plans_of(service, uow, find_process(uow.connection, move.process_id), move._mapping)
    while ids := _next(service, move, job.progress.get("after")):
        for id in ids:
            _move(service, job, move, plans, id)
    with service.db.unit_of_work() as uow:
        _end(uow, move.id, FINISHED)


def given_up(service: Service, uow: UnitOfWork, job: Job, error: str) -> None:
    """The job was tried several times without success; what has moved stays there."""
    _end(uow, job.payload["move_id"], FAILED)


def _end(uow: UnitOfWork, id: str, state: str) -> None:
    move = lock_move(uow, id)
    if move is not None and move.state == RUNNING:
        change_move(uow, id, state=state)


def _next(service: Service, move: Any, after: str | None) -> list[str]:
    """The next instances, of those that were there when the move began."""
    query = select(_INSTANCE.id).where(*standing_in(move.process_id, move.sources), _INSTANCE.id < move.id)
    if after is not None:
        query = query.where(_INSTANCE.id > after)
    with service.db.read() as connection:
        return list(connection.execute(query.order_by(_INSTANCE.id).limit(_AT_ONCE)).scalars())


def _move(service: Service, job: Job, move: Any, plans: dict[int, Plan], id: str) -> None:
    try:
        with service.db.unit_of_work() as uow:
            wanted = _still_wanted(uow, move.id)
            _note(uow, job, wanted, id, *_moved(service, uow, wanted, plans, id))
    except (JobCancelled, Problem, SQLAlchemyError):  # a neighbour or the database does not answer: all waits
        raise
    except Exception:  # what nobody foresaw in one instance must not hold up all others
        log.exception("an instance does not move")
        with service.db.unit_of_work() as uow:
            _note(uow, job, lock_move(uow, move.id), id, KEPT, 0, [{"node": None, "words": said("move.unforeseen")}])


def _moved(service: Service, uow: UnitOfWork, move: Any, plans: dict[int, Plan], id: str) -> tuple[str, int, Reasons]:
    instance = locked(uow, id)
    if instance is None or instance["process_version"] not in plans:
        return GONE, 0, []
    version = instance["process_version"]
    deed = Deed(by=move.by_id, what="moved", detail={
        "from": version, "to": move.target, "names": _former(service, plans[version])})
    reasons = Mover(service, uow, plans[version], instance, move.target).go(deed)
    return KEPT if reasons else MOVED, version, reasons


def _former(service: Service, plan: Plan) -> dict[str, Any]:
    """What those steps were called that the new version does not have: a history speaks of them."""
    return {node.id: dict(node.names) or {service.settings.default_locale: node.name}
            for node in plan.source.nodes.values() if node.id not in plan.target.nodes}


def _still_wanted(uow: UnitOfWork, id: str) -> Any:
    """Nobody has stopped it; whoever wants to waits until this instance has moved."""
    move = lock_move(uow, id)
    if move is None or move.state != RUNNING:
        raise JobCancelled(id)
    return move


def _note(uow: UnitOfWork, job: Job, move: Any, id: str, outcome: str, version: int, reasons: Reasons) -> None:
    change_move(uow, move.id, counts=move.counts | {outcome: move.counts[outcome] + 1})
    uow.execute(process_move_result.insert().values(
        move_id=move.id, instance_id=id, outcome=outcome, version=version, reasons=list(reasons), at=utcnow()))
    job.save(uow, after=id)
    uow.after_commit(INSTANCES_MOVED.labels(outcome).inc)
