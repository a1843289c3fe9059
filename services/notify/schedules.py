"""What the notify service does at intervals."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete

from chassis.clock import utcnow
from chassis.loops import Loop
from chassis.schedules import Schedule
from services.notify.store.tables import delivery, digest_part, inbox_item, notification
from services.notify.usecases.deliver import deliver_due, settle_uncertain

if TYPE_CHECKING:
    from chassis.service import Service

_KEPT = timedelta(days=400)


def forget_old(service: Service) -> None:
    """Forget what is older than the retention time."""
    limit = utcnow() - _KEPT
    with service.db.unit_of_work() as uow:
        uow.execute(delete(notification).where(notification.c.received_at < limit))
        uow.execute(delete(inbox_item).where(inbox_item.c.updated_at < limit))
        uow.execute(delete(digest_part).where(digest_part.c.updated_at < limit))
        uow.execute(delete(delivery).where(delivery.c.updated_at < limit))


SCHEDULES = (
    Schedule("notify.settle_uncertain", timedelta(minutes=2), settle_uncertain),
    Schedule("notify.forget_old", timedelta(hours=24), forget_old),
)
LOOPS = (Loop("notify.deliver", deliver_due, every=1.0),)
