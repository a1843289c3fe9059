"""Messages: sent once, and brought to one instance that waits for them about the same thing.

A message is a row that commits with the step that sends it. The loop of processes brings it to whoever has waited
longest. While nobody waits for it, it is kept for a day, and every new wait looks for it at once (`look_again`). It is
also looked at by itself, soon after it was sent, because a wait that began at the same moment may not have seen it, and
then rarely: that is only the safety net. Who looks for a wait never waits for a lock, so no two can hold each other up.
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
_PAUSES = (timedelta(seconds=2), timedelta(seconds=30), timedelta(minutes=10))  # the last one again and again
_WOKEN = 10  # by one new wait, which takes one; somebody may just have taken those before
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
            pause = _PAUSES[min(message.attempts, len(_PAUSES) - 1)]
            uow.execute(update(process_message).where(_MESSAGE.id == message.id).values(
                due_at=min(utcnow() + pause, message.at + KEPT), attempts=message.attempts + 1))
        return True


def look_again(service: Service, uow: UnitOfWork, waits: Iterable[tuple[str, str]], now: datetime) -> None:
    """Let messages that were kept be looked at, now that somebody waits for them: (what about, name) of new waits. One
    that is just being looked at is waited for, whenever it was due: who looks may not have seen the new wait."""
    for about, name in sorted(waits):
        kept = uow.execute(select(_MESSAGE.id).where(
            _MESSAGE.correlation == about, _MESSAGE.name == name)
            .order_by(_MESSAGE.id).limit(_WOKEN).with_for_update()).scalars().all()
        if kept:
            uow.execute(update(process_message).where(_MESSAGE.id.in_(kept)).values(due_at=now))
            uow.after_commit(lambda: service.wake(CLOCK))


def _brought(uow: UnitOfWork, message: Any) -> bool:
    """Let who has waited longest become due; somebody else's message may have come to him meanwhile."""
    wait = uow.execute(select(_WAIT.instance_id, _WAIT.token, _WAIT.node).where(
        _WAIT.kind == MESSAGE, _WAIT.key == message.name, _WAIT.correlation == message.correlation,
        _WAIT.due_at.is_(None)).order_by(_WAIT.since, _WAIT.instance_id, _WAIT.token).limit(1)
        .with_for_update(skip_locked=True)).one_or_none()
    if wait is None:
        return False
    changed = uow.execute(update(process_wait).where(
        *this_wait(wait), _WAIT.due_at.is_(None)).values(due_at=utcnow()))
    return changed.rowcount == 1
