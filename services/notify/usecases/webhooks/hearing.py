"""Changes of records become messages of those webhooks that want them, in the transaction of the event.

What a message will say is not decided here: the change is kept as the event had it, and what of it the webhook's person
sees is asked at every attempt. While no webhook is on, changes are not even read: an import makes a great many of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.events.message import Message
from chassis.ids import new_id
from services.notify.model.webhooks import MOST_WEBHOOKS, wanted_changes
from services.notify.store.tables import webhook, webhook_message

if TYPE_CHECKING:
    from chassis.service import Service

SENDERS = tuple(f"notify.webhooks-{number}" for number in range(1, 5))
_ACTIVE = select(webhook).where(webhook.c.state == "active").limit(MOST_WEBHOOKS)
_ANY = select(webhook.c.id).where(webhook.c.state == "active").limit(1)
_TOGETHER = 500


def anybody_listens(service: Service) -> bool:
    """Tell whether a webhook is on. Asked behind the fetch, so that a change made after its webhook is heard."""
    with service.db.read() as connection:
        return connection.execute(_ANY).first() is not None


def changes_heard(service: Service, uow: UnitOfWork, messages: Sequence[Message]) -> None:
    """Queue what these events mean for each webhook that is on."""
    hooks = uow.execute(_ACTIVE).mappings().all()
    rows = [_row(hook["id"], message.data["object"], kind, change) for message in messages for hook in hooks
            for kind, change in wanted_changes(hook, message.data)]
    for start in range(0, len(rows), _TOGETHER):
        uow.insert_many(webhook_message, rows[start:start + _TOGETHER])
    if rows:
        wake_senders(service, uow)


def wake_senders(service: Service, uow: UnitOfWork) -> None:
    """Let the senders look as soon as this is committed."""
    uow.after_commit(lambda: [service.wake(name) for name in SENDERS])


def _row(hook: str, object: str, kind: str, change: Any) -> dict[str, Any]:
    now = utcnow()
    return {"id": new_id(), "webhook_id": hook, "kind": kind, "object": object, "record_id": change["id"],
            "change": change, "status": "waiting", "attempts": 0, "due_at": now, "created_at": now, "updated_at": now}
