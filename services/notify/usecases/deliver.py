"""Deliver messages by outside channels, each at most once.

A worker leases what is due on a channel, at the pace that its provider takes. For each message the intent to send is
committed first, then the other side is spoken to outside of any transaction, then the outcome is recorded. Who dies
before the intent leaves a message that goes out when the lease has run out; who dies after it leaves one in `sending`:
nobody can know whether it went out, so it becomes `uncertain` and is never sent again by itself.

A person gets the messages of one channel in their order: while one is under way or waits to be tried again, those
behind it wait too.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, or_, select, update

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from services.notify.events import DELIVERY_RECORDED, deliveries_recorded
from services.notify.metrics import DELIVERIES
from services.notify.model.channels import retry_after
from services.notify.outcomes import Refused, Unavailable, Uncertain, Undeliverable
from services.notify.queries.channels import channels_on
from services.notify.store.tables import delivery
from services.notify.usecases.channels.pacing import book, booked, told_nothing, went_well, went_wrong
from services.notify.usecases.channels.speaking import speak

if TYPE_CHECKING:
    from chassis.service import Service

log = logging.getLogger(__name__)

DELIVERERS = tuple(f"notify.deliver-{number}" for number in range(1, 5))

_BATCH = 20
_LEASE, _STALE = timedelta(minutes=5), timedelta(minutes=10)
_DELIVERY = delivery.c
_OLDER = delivery.alias("older")


@dataclass(frozen=True)
class _Outcome:
    """What came of an attempt, and what it says of the provider."""

    status: str
    said: str
    well: bool = False
    trouble: bool = False
    wait: timedelta | None = None


def wake_deliverers(service: Service) -> None:
    """Let the workers look."""
    for name in DELIVERERS:
        service.wake(name)


def deliver_due(service: Service) -> bool:
    """Send what is due; tells whether there may be more."""
    with service.db.read() as connection:
        channels = channels_on(service, connection)
    served = [_serve(service, channel) for channel in channels]  # each gets its turn
    return any(served)


def settle_uncertain(service: Service) -> None:
    """Mark deliveries whose sender died; the log shows them, an administrator decides."""
    stale = (_DELIVERY.status == "sending") & (_DELIVERY.updated_at < utcnow() - _STALE)
    with service.db.unit_of_work() as uow:
        for row in uow.execute(select(delivery).where(stale).limit(500)).all():
            _record(uow, row, "uncertain", "the sending process ended before the answer was known")


def _serve(service: Service, channel: str) -> bool:
    leased = _lease(service, channel)
    held: set[str] = set()
    for place, row in enumerate(leased):
        if row.user_id in held:
            _release(service, [row])
        elif not _send(service, row, held):
            _release(service, leased[place + 1:])
            return False
    return len(leased) == _BATCH


def _lease(service: Service, channel: str) -> Sequence[Any]:
    now = utcnow()
    due = and_(_DELIVERY.channel == channel, _DELIVERY.status == "waiting", _DELIVERY.due_at <= now)
    with service.db.read() as connection:
        if connection.execute(select(_DELIVERY.id).where(due).limit(1)).first() is None:
            return []
    with service.db.unit_of_work() as uow:
        state, most = book(uow, channel, _BATCH)
        if not most:
            return []
        choose = select(_DELIVERY.id).where(due, ~_held_up()).order_by(
            _DELIVERY.due_at, _DELIVERY.created_at, _DELIVERY.id).limit(most)
        mine = _DELIVERY.id.in_(uow.execute(choose.with_for_update(skip_locked=True)).scalars().all())
        uow.execute(update(delivery).where(mine).values(
            attempts=_DELIVERY.attempts + 1, due_at=now + _LEASE, updated_at=now))
        rows = uow.execute(select(delivery).where(mine).order_by(_DELIVERY.created_at, _DELIVERY.id)).all()
        if rows:
            booked(uow, state, len(rows))
        return rows


def _held_up() -> Any:
    """An older message of the same person on the same channel is under way, or waits to be tried again."""
    older = _OLDER.c
    before = or_(older.created_at < _DELIVERY.created_at,
                 and_(older.created_at == _DELIVERY.created_at, older.id < _DELIVERY.id))
    begun = or_(older.status == "sending", and_(older.status == "waiting", older.attempts > 0))
    return exists().where(older.user_id == _DELIVERY.user_id, older.channel == _DELIVERY.channel, begun, before)


def _send(service: Service, row: Any, held: set[str]) -> bool:
    """Send one message; tells whether the channel may be given the next one."""
    intended = _intend(service, row)
    if intended is None:
        return True
    outcome = _outcome(service, intended)
    with service.db.unit_of_work() as uow:
        if _is_ours(uow, row):
            held.update(_keep(uow, row, outcome))
        if outcome.well:
            went_well(uow, row.channel)
        elif outcome.status == "skipped":
            told_nothing(uow, row.channel)
        return not (outcome.trouble and went_wrong(uow, row.channel, outcome.said))


def _outcome(service: Service, row: Any) -> _Outcome:
    try:
        return _Outcome("sent", speak(service, row), well=True)
    except Unavailable as error:
        return _Outcome("waiting", str(error), trouble=error.trouble, wait=error.wait)
    except Uncertain as error:
        return _Outcome("uncertain", str(error), trouble=True)
    except (Refused, Undeliverable) as error:
        refused = isinstance(error, Refused)
        return _Outcome("failed" if refused else "skipped", str(error), well=refused)
    except Exception as error:  # what nobody foresaw in one message must not hold up those behind it
        log.warning("a message is uncertain: %s", type(error).__name__, exc_info=error)
        return _Outcome("uncertain", type(error).__name__)


def _keep(uow: UnitOfWork, row: Any, outcome: _Outcome) -> set[str]:
    """Record what came of a message; returns the person when his next ones have to wait for it."""
    if outcome.status != "waiting":
        _record(uow, row, outcome.status, outcome.said)
        return set()
    delay = retry_after(row.channel, row.attempts, random.random(), outcome.wait)  # noqa: S311 - jitter
    if delay is None:
        _record(uow, row, "failed", outcome.said)
        return set()
    now = utcnow()
    uow.execute(update(delivery).where(_DELIVERY.id == row.id).values(
        status="waiting", due_at=now + delay, answer=outcome.said[:500], updated_at=now))
    DELIVERIES.labels(row.channel, "retried").inc()
    return {row.user_id}


def _intend(service: Service, row: Any) -> Any:
    """Commit that it goes out now and return it as it stands; None when another worker has it."""
    mine = and_(_DELIVERY.id == row.id, _DELIVERY.status == "waiting", _DELIVERY.attempts == row.attempts)
    with service.db.unit_of_work() as uow:
        if not uow.execute(update(delivery).where(mine).values(status="sending", updated_at=utcnow())).rowcount:
            return None
        return uow.execute(select(delivery).where(_DELIVERY.id == row.id)).one()


def _release(service: Service, rows: Sequence[Any]) -> None:
    """Give back what was leased and not begun: it was no attempt."""
    with service.db.unit_of_work() as uow:
        for row in rows:
            mine = and_(_DELIVERY.id == row.id, _DELIVERY.status == "waiting", _DELIVERY.attempts == row.attempts)
            uow.execute(update(delivery).where(mine).values(
                attempts=row.attempts - 1, due_at=utcnow(), updated_at=utcnow()))


def _is_ours(uow: UnitOfWork, row: Any) -> bool:
    """Still in this try: who was given up for dead must not undo what was decided since."""
    state = uow.execute(select(_DELIVERY.status, _DELIVERY.attempts).where(
        _DELIVERY.id == row.id).with_for_update()).one_or_none()
    return state is not None and tuple(state) == ("sending", row.attempts)


def _record(uow: Any, row: Any, status: str, answer: str) -> None:
    now = utcnow()
    uow.execute(update(delivery).where(_DELIVERY.id == row.id).values(
        status=status, answer=answer[:500], updated_at=now))
    uow.publish(DELIVERY_RECORDED, None, deliveries_recorded([row._asdict() | {"status": status, "updated_at": now}]))
    DELIVERIES.labels(row.channel, status).inc()
