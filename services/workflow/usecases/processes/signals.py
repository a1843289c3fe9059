"""Signals: thrown once, heard by every instance that waits for them at that moment.

A signal is a row that commits with the step that throws it. The loop of processes lets those who wait become due, a
slice at a time, and takes the row away when nobody is left: a signal that a hundred thousand instances wait for holds
nobody up.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, tuple_, update

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.ids import new_id
from services.workflow.model.processes.waiting import SIGNAL
from services.workflow.store.tables import process_signal, process_wait

if TYPE_CHECKING:
    from chassis.service import Service

CLOCK = "workflow.processes"
_SLICE = 500
_WAIT, _SIGNAL = process_wait.c, process_signal.c
_PLACE = tuple_(_WAIT.instance_id, _WAIT.token, _WAIT.node)


def throw(service: Service, uow: UnitOfWork, names: Iterable[str], now: datetime) -> None:
    """Throw signals with this unit of work."""
    rows = [{"id": new_id(), "name": name, "at": now} for name in names]
    if rows:
        uow.execute(process_signal.insert(), rows)
        uow.after_commit(lambda: service.wake(CLOCK))


def spread_next(service: Service) -> bool:
    """Let the next slice of those who wait for the oldest signal hear it; False when there is no signal."""
    with service.db.unit_of_work() as uow:
        signal = uow.execute(select(process_signal).order_by(_SIGNAL.id).limit(1).with_for_update(skip_locked=True)
                             ).one_or_none()
        if signal is None:
            return False
        places = uow.execute(select(_WAIT.instance_id, _WAIT.token, _WAIT.node).where(
            _WAIT.kind == SIGNAL, _WAIT.key == signal.name, _WAIT.due_at.is_(None), _WAIT.since <= signal.at)
            .order_by(_WAIT.instance_id, _WAIT.token).limit(_SLICE).with_for_update()).all()
        if places:
            uow.execute(update(process_wait).where(_PLACE.in_([tuple(place) for place in places])).values(
                due_at=utcnow()))
        if len(places) < _SLICE:
            uow.execute(delete(process_signal).where(_SIGNAL.id == signal.id))
        return True
