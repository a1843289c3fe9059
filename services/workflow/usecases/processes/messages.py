"""Messages: sent once, and brought to one instance that waits for them about the same thing.

A message is a row that commits with the step that sends it. The loop of processes brings it to whoever has waited
longest; while nobody waits for it, it is looked at again after growing pauses, for a day.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.ids import new_id
from services.workflow.model.processes.stimuli import Sent
from services.workflow.model.processes.waiting import MESSAGE
from services.workflow.store.tables import process_message, process_wait
from services.workflow.store.waits import this_wait
from services.workflow.usecases.processes.signals import CLOCK

if TYPE_CHECKING:
    from chassis.service import Service

KEPT = timedelta(days=1)
_LONGEST_PAUSE = 30
_WAIT, _MESSAGE = process_wait.c, process_message.c


def send(service: Service, uow: UnitOfWork, messages: Iterable[Sent], now: datetime) -> None:
    """Send messages with this unit of work."""
    rows = [{"id": new_id(), "name": one.name, "correlation": one.about, "at": now, "due_at": now, "attempts": 0}
            for one in messages]
    if rows:
        uow.execute(process_message.insert(), rows)
        uow.after_commit(lambda: service.wake(CLOCK))


def bring_next(service: Service) -> bool:
    """Bring the message that is due first to who waits for it; False when none is due."""
    with service.db.unit_of_work() as uow:
        message = uow.execute(select(process_message).where(_MESSAGE.due_at <= utcnow()).order_by(
            _MESSAGE.due_at, _MESSAGE.id).limit(1).with_for_update(skip_locked=True)).one_or_none()
        if message is None:
            return False
        if _brought(uow, message) or message.at <= utcnow() - KEPT:
            uow.execute(delete(process_message).where(_MESSAGE.id == message.id))
        else:
            pause = timedelta(seconds=min(2 ** min(message.attempts, 6), _LONGEST_PAUSE))
            uow.execute(update(process_message).where(_MESSAGE.id == message.id).values(
                due_at=utcnow() + pause, attempts=message.attempts + 1))
        return True


def _brought(uow: UnitOfWork, message: Any) -> bool:
    """Let who has waited longest become due; somebody else's message may have come to him meanwhile."""
    wait = uow.execute(select(_WAIT.instance_id, _WAIT.token, _WAIT.node).where(
        _WAIT.kind == MESSAGE, _WAIT.key == message.name, _WAIT.correlation == message.correlation,
        _WAIT.due_at.is_(None)).order_by(_WAIT.since, _WAIT.instance_id, _WAIT.token).limit(1)).one_or_none()
    if wait is None:
        return False
    changed = uow.execute(update(process_wait).where(
        *this_wait(wait), _WAIT.due_at.is_(None)).values(due_at=utcnow()))
    return changed.rowcount == 1
