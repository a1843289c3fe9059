"""An administrator decides about a message that did not go out by itself: it is sent once more.

Of an `uncertain` one nobody knows whether it went out, so only a person may take the risk that it comes twice; who did
so is in the audit log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from chassis.auditing import Target, tell
from chassis.auth import Principal
from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.http.problem import Problem, not_found
from chassis.ids import is_id
from services.notify.store.tables import delivery
from services.notify.usecases.deliver import wake_deliverers

if TYPE_CHECKING:
    from chassis.service import Service

ENDED = ("failed", "skipped", "uncertain")


def send_again(service: Service, uow: UnitOfWork, principal: Principal, id: str) -> None:
    """Let a message go out once more, now; raises 404, and 409 for one that went out or still waits."""
    query = select(delivery).where(delivery.c.id == id).with_for_update()
    row = uow.execute(query).one_or_none() if is_id(id) else None
    if row is None:
        raise not_found("delivery")
    if row.status not in ENDED:
        raise Problem(409, "delivery_not_ended")
    uow.execute(update(delivery).where(delivery.c.id == id).values(
        status="waiting", attempts=0, due_at=utcnow(), updated_at=utcnow()))
    tell(uow, principal, "delivery.sent_again", Target("delivery", id, row.template),
         {"channel": row.channel, "user_id": row.user_id, "was": row.status})
    uow.after_commit(lambda: wake_deliverers(service))
