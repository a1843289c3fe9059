"""What the service does at intervals."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from chassis.clock import utcnow
from chassis.schedules import Schedule
from services.workflow.metrics import INTENT_LAG, INTENTS_WAITING
from services.workflow.store.dry_runs import forget_some
from services.workflow.store.process_moves import forget_some_moves
from services.workflow.store.tables import intent, intent_group, rule_run
from services.workflow.usecases.processes.calling import wake_callers
from services.workflow.usecases.recounting import follow_calendars

if TYPE_CHECKING:
    from chassis.service import Service

_SLICE = 5000


def measure_intents(service: Service) -> None:
    """Set the gauges of ordered changes."""
    with service.db.read() as connection:
        waiting = connection.execute(select(func.count()).select_from(intent)).scalar()
        oldest = connection.execute(select(func.min(intent_group.c.created_at))).scalar()
    INTENTS_WAITING.set(waiting or 0)
    INTENT_LAG.set((utcnow() - oldest).total_seconds() if oldest else 0)


def forget_runs(service: Service) -> None:
    """Delete runs that are older than they are kept, slice by slice."""
    limit = utcnow() - timedelta(days=service.settings.run_retention_days)
    old = select(rule_run.c.id).where(rule_run.c.at < limit).order_by(rule_run.c.at).limit(_SLICE)
    deleted = _SLICE
    while deleted == _SLICE:
        with service.db.unit_of_work() as uow:
            deleted = uow.execute(delete(rule_run).where(rule_run.c.id.in_(old))).rowcount


def forget_dry_runs(service: Service) -> None:
    """Delete results of dry runs that are older than they are kept, slice by slice."""
    limit = utcnow() - timedelta(days=service.settings.dry_run_keep_days)
    left = True
    while left:
        with service.db.unit_of_work() as uow:
            left = forget_some(uow, limit, _SLICE)


def forget_moves(service: Service) -> None:
    """Delete results of moves that are older than runs are kept; the histories of the instances tell of them."""
    limit = utcnow() - timedelta(days=service.settings.run_retention_days)
    left = True
    while left:
        with service.db.unit_of_work() as uow:
            left = forget_some_moves(uow, limit, _SLICE)


SCHEDULES = (
    Schedule("workflow.measure_intents", timedelta(seconds=15), measure_intents),
    Schedule("workflow.follow_calendars", timedelta(minutes=1), follow_calendars),
    Schedule("workflow.wake_callers", timedelta(minutes=10), wake_callers),
    Schedule("workflow.forget_runs", timedelta(hours=24), forget_runs),
    Schedule("workflow.forget_dry_runs", timedelta(hours=6), forget_dry_runs),
    Schedule("workflow.forget_moves", timedelta(hours=24), forget_moves),
)
