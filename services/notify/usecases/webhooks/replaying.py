"""Messages are sent again: one, or those of a span of time. They keep their `webhook-id`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select, update

from chassis.auditing import Target, tell
from chassis.auth import Principal
from chassis.clock import to_wire, utcnow
from chassis.db import UnitOfWork
from chassis.http.problem import Problem, not_found
from chassis.ids import is_id, new_id
from services.notify.model.webhooks import TEST
from services.notify.store.tables import webhook_message
from services.notify.usecases.webhooks.hearing import wake_senders
from services.notify.usecases.webhooks.managing import locked

if TYPE_CHECKING:
    from chassis.service import Service

MOST_AT_ONCE = 5000
_KEPT = or_(webhook_message.c.change.is_not(None), webhook_message.c.kind == TEST)


def replay_one(service: Service, uow: UnitOfWork, hook_id: str, id: str) -> None:
    """Send one message again; raises 404, 409 when its contents were erased."""
    locked(uow, hook_id)
    row = uow.execute(select(webhook_message).where(
        webhook_message.c.id == id, webhook_message.c.webhook_id == hook_id)).one_or_none() if is_id(id) else None
    if row is None:
        raise not_found("message")
    if row.status == "erased":
        raise Problem(409, "webhook_message_erased")
    _again(service, uow, webhook_message.c.id == id)


def replay_span(service: Service, uow: UnitOfWork, principal: Principal, hook_id: str, since: datetime,
                until: datetime, *, failed_only: bool) -> int:
    """Send what was created in a span again, the oldest first, at most `MOST_AT_ONCE`; returns how many."""
    hook = locked(uow, hook_id)
    states = ("failed",) if failed_only else ("failed", "sent")
    some = select(webhook_message.c.id).where(
        webhook_message.c.webhook_id == hook_id, webhook_message.c.created_at >= since,
        webhook_message.c.created_at < until, webhook_message.c.status.in_(states), _KEPT)
    ids = some.order_by(webhook_message.c.created_at, webhook_message.c.id).limit(MOST_AT_ONCE)
    count = _again(service, uow, webhook_message.c.id.in_(ids.scalar_subquery()))
    tell(uow, principal, "webhook.replayed", Target("webhook", hook_id, hook.name),
         {"from": to_wire(since), "to": to_wire(until), "messages": count})
    return count


def add_test(uow: UnitOfWork, hook_id: str) -> tuple[Any, str]:
    """Make a message that says only that it is a test, for `send_at_once`; it is not tried again by itself."""
    hook, id, now = locked(uow, hook_id), new_id(), utcnow()
    uow.execute(webhook_message.insert().values(
        id=id, webhook_id=hook_id, kind=TEST, object=None, record_id=None, change=None, status="failed", attempts=0,
        due_at=now, created_at=now, updated_at=now))
    return hook, id


def _again(service: Service, uow: UnitOfWork, which: Any) -> int:
    now = utcnow()
    count = uow.execute(update(webhook_message).where(which).values(
        status="waiting", attempts=0, due_at=now, updated_at=now)).rowcount
    wake_senders(service, uow)
    return count
