"""A move begins, and is stopped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from chassis.auth import Principal
from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.http.problem import Problem, not_found
from chassis.ids import is_id, new_id
from chassis.jobs import cancel, enqueue
from services.workflow.store.process_moves import (
    CANCELLED,
    GONE,
    KEPT,
    MOVED,
    RUNNING,
    change_move,
    find_move,
    lock_move,
    process_move,
    standing_in,
)
from services.workflow.store.tables import process, process_instance
from services.workflow.usecases.moving.plans import plans_of

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
MOVE = "workflow.move"


def start_move(service: Service, uow: UnitOfWork, principal: Principal, process_id: str, asked: Row) -> str:
    """Begin; returns the id. Raises 404, 422, and 409 while another move of the process is under way."""
    known = None
    if is_id(process_id):
        locked = select(process).where(process.c.id == process_id).with_for_update()
        known = uow.execute(locked).mappings().one_or_none()
    if known is None:
        raise not_found("process")
    plans_of(service, uow, known, asked)
    if uow.execute(select(process_move.c.id).where(
            process_move.c.process_id == process_id, process_move.c.state == RUNNING).limit(1)).scalar() is not None:
        raise Problem(409, "process_moves")
    total = uow.execute(select(func.count()).select_from(process_instance).where(
        *standing_in(process_id, asked["sources"]))).scalar_one()
    id, now = new_id(), utcnow()
    uow.execute(process_move.insert().values(
        id=id, process_id=process_id, sources=asked["sources"], target=asked["target"], mapping=asked["mapping"],
        state=RUNNING, total=total, counts={MOVED: 0, KEPT: 0, GONE: 0}, job_id=enqueue(uow, MOVE, {"move_id": id}),
        by_id=principal.user_id, by_name=principal.name, created_at=now, updated_at=now))
    return id


def cancel_move(uow: UnitOfWork, process_id: str, id: str) -> None:
    """Stop a move behind the instance that is just moving; what has moved stays there."""
    known_move(uow.connection, process_id, id)
    move = lock_move(uow, id)
    if move is not None and move.state == RUNNING:
        cancel(uow, move.job_id)
        change_move(uow, id, state=CANCELLED)


def known_move(connection: Any, process_id: str, id: str) -> Any:
    """A move of a process; raises 404."""
    move = find_move(connection, id) if is_id(id) and is_id(process_id) else None
    if move is None or move.process_id != process_id:
        raise not_found("move")
    return move
