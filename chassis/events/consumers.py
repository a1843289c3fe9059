"""Consumers: from a queue into the service, each message exactly once.

A batch is handled in one unit of work that also writes (consumer, message id) to the inbox, so effect and memory
commit together, and only then is the batch acknowledged. When a batch fails, its messages are tried one by one; a
message that fails alone comes back after growing delays and in the end goes to the dead letters with its error.

The first message after a calm time is handled at once; behind a batch that was not full the consumer pauses for
`gather` seconds, so that a busy product commits larger batches instead of single messages. Behind messages of an import
it may pause for longer: nobody waits for a single one of its records.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from chassis.clock import from_wire, utcnow
from chassis.context import with_cause
from chassis.db.tables import inbox
from chassis.events.broker import BrokerUnavailable, Channel, Delivery
from chassis.events.message import MalformedMessage, Message, message_from_json
from chassis.metrics import CONSUMER_LAG, DEAD_LETTERS, EVENTS_HANDLED, HANDLER_SECONDS, RETRIES
from chassis.traces import span

if TYPE_CHECKING:
    from chassis.db.unit_of_work import UnitOfWork
    from chassis.service import Service

log = logging.getLogger(__name__)

_REMEMBER = {name: dialect.insert(inbox).on_conflict_do_nothing().returning(inbox.c.message_id)
             for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))}

Handler = Callable[["Service", "UnitOfWork", list[Message]], None]


class Rejected(Exception):
    """Raised by a handler for a message that no retry can help; it goes to the dead letters at once."""


@dataclass(frozen=True)
class Subscription:
    """What one queue listens to and who handles it; `queue` starts with the service's name.

    `batch` messages at most are handled together; `gather` is the pause in seconds behind a batch that was not full, in
    which the next ones come in, `gather_bulk` the one when its last message came from an import. `wanted` is asked
    behind each fetch: what nobody here wants is settled unread. With `each_node` every server has a queue of
    its own, because it keeps a store of its own.
    """

    queue: str
    types: tuple[str, ...]
    handle: Handler
    batch: int = 100
    gather: float = 0.01
    gather_bulk: float = 0.0
    wanted: Callable[[Service], bool] = lambda service: True
    each_node: bool = False


class Consumer:
    """Works one queue; `run` is the body of a thread."""

    def __init__(self, service: Service, subscription: Subscription, delays: Sequence[float]) -> None:
        self._service, self._subscription, self._delays = service, subscription, delays
        self._pause = subscription.gather

    def run(self, stop: threading.Event) -> None:
        """Consume until `stop`, reconnecting as often as needed; the batch in hand is finished first."""
        pause = 0.2
        while not stop.is_set():
            channel: Channel | None = None
            try:
                channel = self._service.broker.channel(self._subscription.queue, self._subscription.batch * 2)
                while not stop.is_set():
                    if 0 < self.work(channel, 1.0) < self._subscription.batch:
                        channel.gather(self._subscription.batch, self._pause, stop)
                    pause = 0.2
            except (BrokerUnavailable, SQLAlchemyError) as error:
                log.warning("%s pauses: %s", self._subscription.queue, type(error).__name__)
                stop.wait(pause)
                pause = min(pause * 2, 5.0)
            finally:
                if channel is not None:
                    channel.close()

    def work(self, channel: Channel, wait: float) -> int:
        """Handle one batch; returns how many deliveries it had."""
        deliveries = channel.fetch(self._subscription.batch, wait)
        if deliveries and not self._subscription.wanted(self._service):
            channel.ack(deliveries)
            return len(deliveries)
        readable = [pair for delivery in deliveries if (pair := self._read(channel, delivery))]
        is_bulk = bool(readable) and readable[-1][1].data.get("bulk") is not None
        self._pause = max(self._subscription.gather, self._subscription.gather_bulk if is_bulk else 0.0)
        if readable and not self._attempt(channel, readable):
            for pair in readable:
                if not self._attempt(channel, [pair], alone=True):
                    break
        return len(deliveries)

    def _read(self, channel: Channel, delivery: Delivery) -> tuple[Delivery, Message] | None:
        try:
            return delivery, message_from_json(delivery.body)
        except MalformedMessage as error:
            self._bury(channel, delivery, str(error))
            return None

    def _attempt(self, channel: Channel, pairs: list[tuple[Delivery, Message]], alone: bool = False) -> bool:
        started = time.perf_counter()
        try:
            self._commit([message for _, message in pairs])
        except (BrokerUnavailable, SQLAlchemyError) as error:
            if _connection_lost(error):
                raise
            return self._failed(channel, pairs, error, alone)
        except Exception as error:  # a handler may fail in any way; the message decides what becomes of it
            return self._failed(channel, pairs, error, alone)
        channel.ack([delivery for delivery, _ in pairs])
        self._measure([message for _, message in pairs], time.perf_counter() - started)
        return True

    def _commit(self, messages: list[Message]) -> None:
        first = messages[0]
        with (span(f"consume {self._subscription.queue}", first.traceparent), with_cause(first.cause()),
              self._service.db.unit_of_work() as uow):
            unseen = self._remember(uow, messages)
            if unseen:
                self._subscription.handle(self._service, uow, unseen)

    def _remember(self, uow: UnitOfWork, messages: list[Message]) -> list[Message]:
        unique = list({message.id: message for message in messages}.values())
        now = utcnow()
        statement = _REMEMBER["sqlite" if uow.database.is_sqlite else "postgresql"]
        new = set(uow.execute(statement, [
            {"consumer": self._subscription.queue, "message_id": message.id, "received_at": now}
            for message in unique]).scalars())
        return [message for message in unique if message.id in new]

    def _failed(self, channel: Channel, pairs: list[tuple[Delivery, Message]], error: Exception, alone: bool) -> bool:
        if len(pairs) > 1 or not alone:
            return False
        delivery, message = pairs[0]
        text = f"{type(error).__name__}: {error}"[:2000]
        log.warning("%s could not handle %s (attempt %d): %s", self._subscription.queue, message.id,
                    delivery.attempts + 1, text, exc_info=error)
        if isinstance(error, Rejected) or delivery.attempts >= len(self._delays):
            self._bury(channel, delivery, text)
        else:
            channel.retry(delivery, self._delays[delivery.attempts], text)
            RETRIES.labels(self._subscription.queue).inc()
        return True

    def _bury(self, channel: Channel, delivery: Delivery, error: str) -> None:
        channel.bury(delivery, error)
        DEAD_LETTERS.labels(self._subscription.queue).inc()

    def _measure(self, messages: list[Message], seconds: float) -> None:
        queue = self._subscription.queue
        HANDLER_SECONDS.labels(queue).observe(seconds)
        EVENTS_HANDLED.labels(queue).inc(len(messages))
        CONSUMER_LAG.labels(queue).set((utcnow() - from_wire(messages[-1].time)).total_seconds())


def _connection_lost(error: Exception) -> bool:
    return isinstance(error, BrokerUnavailable) or bool(getattr(error, "connection_invalidated", False))
