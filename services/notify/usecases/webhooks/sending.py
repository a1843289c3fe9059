"""Messages go out: one worker at a time serves a webhook, in the order of the changes, and leaves it alone in trouble.

The worker holds a lease on the webhook; one that dies lets it run out, and what it had in hand is sent again under
the same `webhook-id`. So a receiver hears everything at least once and knows a repeat by its id. A message that is
refused comes back after growing pauses while others go on; after three failures in a row the address as a whole is
left alone for a while, and one message finds out whether it is well again. An address that has failed for days is
switched off, and the administrators are told.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, select, update

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.db.prepared import Prepared
from chassis.ids import new_id
from chassis.sealing import SealBroken
from services.notify.metrics import WEBHOOK_SECONDS, WEBHOOKS
from services.notify.model.webhooks import PAUSES, TEST, held_secrets, message_id, retry_after, signature
from services.notify.outside import AddressRefused, Reply, Unreachable
from services.notify.store.tables import webhook, webhook_attempt, webhook_message
from services.notify.usecases.webhooks.composing import UNKNOWN, PersonGone, bodies_of
from services.notify.usecases.webhooks.managing import seal_of
from services.notify.usecases.webhooks.switching_off import switch_off

if TYPE_CHECKING:
    from chassis.service import Service

_LEASE = timedelta(minutes=2)
_TURN_SECONDS = 20.0
_BATCH = 20
_GONE = 410
_LIVE = webhook.c.state == "active"


def _due_by(now: Any) -> Any:
    return (webhook_message.c.status == "waiting") & (webhook_message.c.due_at <= now)


_NOW = bindparam("now")
_SOMETHING = select(webhook_message.c.id).where(webhook_message.c.webhook_id == webhook.c.id, _due_by(_NOW)).exists()
_READY = Prepared(select(webhook.c.id).where(
    _LIVE, webhook.c.paused_until <= _NOW, webhook.c.leased_until <= _NOW, _SOMETHING)
    .order_by(webhook.c.leased_until, webhook.c.id).limit(10))


def send_next(service: Service) -> bool:
    """Give one webhook that has something to send its turn; tells whether there was one."""
    for id in _ready(service):
        hook = _leased(service, id)
        if hook is not None:
            try:
                _serve(service, hook)
            finally:
                _release(service, id)
            return True
    return False


def send_at_once(service: Service, hook: Any, id: str) -> None:
    """Make one attempt at a message now, whatever the webhook's state: an administrator waits for the outcome."""
    with service.db.read() as connection:
        message = connection.execute(select(webhook_message).where(webhook_message.c.id == id)).one()
    _serve_some(service, hook, [message])


def _ready(service: Service) -> Sequence[str]:
    """Webhooks with something due, the one that was served longest ago first."""
    with service.db.read() as connection:
        return [id for id, in _READY.rows(connection, {"now": utcnow()})]


def _leased(service: Service, id: str) -> Any:
    """The webhook, when this worker got it."""
    now = utcnow()
    free = (webhook.c.id == id) & _LIVE & (webhook.c.leased_until <= now)
    with service.db.unit_of_work() as uow:
        got = uow.execute(update(webhook).where(free).values(leased_until=now + _LEASE)).rowcount
        return uow.execute(select(webhook).where(webhook.c.id == id)).one() if got else None


def _release(service: Service, id: str) -> None:
    with service.db.unit_of_work() as uow:
        uow.execute(update(webhook).where(webhook.c.id == id).values(leased_until=utcnow()))


def _serve(service: Service, hook: Any) -> None:
    due = select(webhook_message).where(webhook_message.c.webhook_id == hook.id, _due_by(utcnow()))
    with service.db.read() as connection:
        messages = connection.execute(due.order_by(webhook_message.c.due_at, webhook_message.c.id)
                                      .limit(_BATCH)).all()
    _serve_some(service, hook, messages)


def _serve_some(service: Service, hook: Any, messages: Sequence[Any]) -> None:
    try:
        secrets = [service.sealer.open(one, seal_of(hook.id)) for one in held_secrets(hook.secrets, utcnow())]
        bodies = bodies_of(service, hook, messages)
    except (SealBroken, PersonGone) as error:
        with service.db.unit_of_work() as uow:
            switch_off(service, uow, hook, "person_gone" if isinstance(error, PersonGone) else "secret_lost")
        return
    _forget(service, [id for id, body in bodies.items() if body is None])
    until = time.monotonic() + _TURN_SECONDS
    for message in messages:
        body = bodies[message.id]
        if body is not None and not _attempt(service, hook.id, message, _Letter(hook.url, secrets, body)):
            return
        if time.monotonic() > until:
            return


class _Letter:
    """A body on its way to an address."""

    def __init__(self, url: str, secrets: Sequence[str], body: bytes) -> None:
        self.url, self._secrets, self.body = url, secrets, body

    def headers(self, id: str) -> dict[str, str]:
        stamp = int(utcnow().timestamp())
        return {"Content-Type": "application/json", "User-Agent": "Freehold-Webhooks/1", "webhook-id": id,
                "webhook-timestamp": str(stamp), "webhook-signature": signature(self._secrets, id, stamp, self.body)}


def _attempt(service: Service, hook_id: str, message: Any, letter: _Letter) -> bool:
    """Make one attempt; tells whether the webhook may be given the next message."""
    started = time.monotonic()
    reply = _answer(service, message, letter)
    seconds = time.monotonic() - started
    WEBHOOK_SECONDS.observe(seconds)
    with service.db.unit_of_work() as uow:
        return _record(service, uow, hook_id, message, reply, int(seconds * 1000))


def _answer(service: Service, message: Any, letter: _Letter) -> Reply:
    if letter.body == UNKNOWN:
        return Reply(0, "not sent: the customer service could not tell what the person sees")
    try:
        reply: Reply = service.parts["outside"].post(letter.url, letter.body, letter.headers(message_id(message.id)))
    except (AddressRefused, Unreachable) as error:
        return Reply(0, str(error)[:500])
    return reply


def _record(service: Service, uow: UnitOfWork, hook_id: str, message: Any, reply: Reply, milliseconds: int) -> bool:
    now = utcnow()
    hook = uow.execute(select(webhook).where(webhook.c.id == hook_id).with_for_update()).one_or_none()
    if hook is None:
        return False
    uow.execute(webhook_attempt.insert().values(id=new_id(), message_id=message.id, at=now, status=reply.status or None,
                                                milliseconds=milliseconds, answer=reply.text))
    if 200 <= reply.status < 300:
        _settle(uow, message, "sent")
        uow.execute(update(webhook).where(webhook.c.id == hook_id).values(
            failures=0, failing_since=None, paused_until=now, leased_until=now + _LEASE))
        return bool(hook.state == "active")
    return _failed(service, uow, hook, message, reply)


def _failed(service: Service, uow: UnitOfWork, hook: Any, message: Any, reply: Reply) -> bool:
    now, attempts, wish = utcnow(), message.attempts + 1, _wish(reply)
    delay = None if message.kind == TEST else retry_after(attempts, random.random(), wish)  # noqa: S311 - jitter
    if delay is None:
        _settle(uow, message, "failed")
    else:
        _settle(uow, message, "waiting", now + delay)
    failures, since = hook.failures + 1, hook.failing_since or now
    pause = max(filter(None, (PAUSES.after(failures, random.random()), wish)), default=None)  # noqa: S311 - jitter
    uow.execute(update(webhook).where(webhook.c.id == hook.id).values(
        failures=failures, failing_since=since, paused_until=now + (pause or timedelta()),
        leased_until=now + _LEASE))
    reason = "gone" if reply.status == _GONE else "failing" if now - since >= timedelta(
        days=service.settings.webhook_off_after_days) else None
    if reason and hook.state == "active":
        switch_off(service, uow, hook, reason)
    return pause is None and reason is None and bool(hook.state == "active")


def _settle(uow: UnitOfWork, message: Any, status: str, due_at: datetime | None = None) -> None:
    uow.execute(update(webhook_message).where(webhook_message.c.id == message.id,
                                              webhook_message.c.status != "erased").values(
        status=status, attempts=message.attempts + 1, due_at=due_at or message.due_at, updated_at=utcnow()))
    WEBHOOKS.labels("retried" if status == "waiting" else status).inc()


def _forget(service: Service, ids: Sequence[str]) -> None:
    """What the person does not see leaves no trace in a log that others read."""
    if ids:
        with service.db.unit_of_work() as uow:
            forget_messages(uow, ids)
        WEBHOOKS.labels("unseen").inc(len(ids))


def forget_messages(uow: UnitOfWork, ids: Sequence[str]) -> None:
    """Forget messages and what came of their attempts."""
    uow.execute(delete(webhook_attempt).where(webhook_attempt.c.message_id.in_(ids)))
    uow.execute(delete(webhook_message).where(webhook_message.c.id.in_(ids)))


def _wish(reply: Reply) -> timedelta | None:
    """How long the other side asks to be left alone, at most a day."""
    text = reply.headers.get("retry-after", "") if reply.status in (429, 503) else ""
    try:
        seconds = int(text) if text.isdigit() else (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
        return timedelta(seconds=min(max(seconds, 0), 86_400)) or None
    except (ValueError, TypeError, OverflowError):
        return None
