"""Counting of failed sign-ins, in a table so that it holds over all processes of the gateway."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, delete, select, update

from chassis.clock import utcnow
from chassis.db import insert_or
from chassis.db.unit_of_work import UnitOfWork
from chassis.service import Service
from gateway.metrics import LOCK_OUTS
from gateway.model.lockout import Policy, user_subject
from gateway.store.tables import sign_in_attempt
from gateway.usecases import audit


def begin_attempt(service: Service, subjects: Sequence[str]) -> timedelta | None:
    """Count an attempt as failed for each subject, or return how long it has to wait; commits at once."""
    with service.db.unit_of_work() as uow:
        rows = [_locked_row(uow, subject) for subject in sorted(subjects)]
        now = utcnow()
        waits = [row.locked_until - now for row in rows if row.locked_until is not None and row.locked_until > now]
        if waits:
            LOCK_OUTS.inc()
            return max(waits)
        for row in rows:
            _count(uow, row, _policy(service, row.subject), now)
    return None


def forgive(service: Service, subjects: Iterable[str]) -> None:
    """Take back an attempt that turned out right."""
    with service.db.unit_of_work() as uow:
        forgive_in(uow, subjects)


def forgive_in(uow: UnitOfWork, subjects: Iterable[str]) -> None:
    """Forget all failures of users; of addresses only the last, because they are shared."""
    for subject in sorted(subjects):
        mine = sign_in_attempt.c.subject == subject
        if subject.startswith("user:"):
            uow.execute(delete(sign_in_attempt).where(mine))
        else:
            failures = sign_in_attempt.c.failures
            uow.execute(update(sign_in_attempt).where(mine).values(
                failures=case((failures > 0, failures - 1), else_=0), locked_until=None))


def unlock(service: Service, username: str) -> bool:
    """Forget the failures of a user name, for the command line; tells whether there were any."""
    with service.db.unit_of_work() as uow:
        gone = uow.execute(delete(sign_in_attempt).where(sign_in_attempt.c.subject == user_subject(username)))
        audit.record(uow, "user.unlocked", audit.SYSTEM, detail={"username": username})
    return gone.rowcount > 0


def forget_old_attempts(service: Service) -> None:
    """Drop what no longer counts."""
    limit = utcnow() - timedelta(minutes=service.settings.lockout_forget_minutes,
                                 seconds=service.settings.lockout_max_seconds)
    with service.db.unit_of_work() as uow:
        uow.execute(delete(sign_in_attempt).where(sign_in_attempt.c.last_at < limit))


def _locked_row(uow: UnitOfWork, subject: str) -> Any:
    uow.execute(insert_or(uow, sign_in_attempt).values(subject=subject, failures=0, last_at=utcnow())
                .on_conflict_do_nothing())
    return uow.execute(select(sign_in_attempt).where(sign_in_attempt.c.subject == subject).with_for_update()).one()


def _count(uow: UnitOfWork, row: Any, policy: Policy, now: datetime) -> None:
    failures = policy.counted(row.failures, row.last_at, now) + 1
    delay = policy.delay(failures)
    uow.execute(update(sign_in_attempt).where(sign_in_attempt.c.subject == row.subject).values(
        failures=failures, last_at=now, locked_until=now + delay if delay else None))


def _policy(service: Service, subject: str) -> Policy:
    settings = service.settings
    after = settings.lockout_after if subject.startswith("user:") else settings.lockout_ip_after
    return Policy(after, timedelta(seconds=settings.lockout_seconds), timedelta(seconds=settings.lockout_max_seconds),
                  timedelta(minutes=settings.lockout_forget_minutes))
