"""RabbitMQ through pika: quorum queues, publisher confirms in a window, delayed retries in the broker.

Topology of a queue `q`: `q` (bound to the topic exchange by event type), `q.retry.<seconds>` (a message waits there
for its time-to-live and falls back into `q`), `q.dead`. A message that kills its consumer again and again goes to
`q.dead` by the queue's delivery limit.

All ways back lead through the service's own exchange `<service>.retry`, to which only its own queues are bound, each
under its name. So no login needs the default exchange, through which it could reach every queue of everybody.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError

from chassis.events.broker import EXCHANGE, BrokerUnavailable, Delivery, Outgoing
from chassis.events.packing import packed, unpacked
from chassis.events.rabbit_publisher import WindowedPublisher

log = logging.getLogger(__name__)
R = TypeVar("R")

_DELIVERY_LIMIT, _SLICE_SECONDS = 20, 0.2
_FAILURES = (AMQPError, OSError)


class RabbitBroker:
    """A Broker over one RabbitMQ."""

    def __init__(self, url: str, name: str) -> None:
        self._parameters = pika.URLParameters(url)
        self._parameters.heartbeat = 60
        self._parameters.blocked_connection_timeout = 30
        self._parameters.client_properties = {"connection_name": name}
        self._publisher = WindowedPublisher(self._parameters)

    def declare(self, queue: str, types: Sequence[str], delays: Sequence[float]) -> None:
        dead = f"{queue}.dead"
        arguments = {
            queue: _falls_into(queue, dead) | {"x-delivery-limit": _DELIVERY_LIMIT},
            dead: {"x-queue-type": "quorum"},
            **{_retry_queue(queue, delay): _falls_into(queue, queue) | {"x-message-ttl": int(delay * 1000)}
               for delay in delays}}
        with self._connection() as connection:
            channel = connection.channel()
            channel.exchange_declare(EXCHANGE, "topic", durable=True)
            channel.exchange_declare(own_exchange(queue), "direct", durable=True)
            for name, some in arguments.items():
                channel.queue_declare(name, durable=True, arguments=some)
                channel.queue_bind(name, own_exchange(queue), name)
            for type in types:
                channel.queue_bind(queue, EXCHANGE, type)

    def publish(self, messages: Sequence[Outgoing]) -> None:
        self._publisher.publish([
            (EXCHANGE if message.queue is None else own_exchange(message.queue), message.queue or message.type,
             *_parcel(message.body)) for message in messages])

    def channel(self, queue: str, prefetch: int) -> RabbitChannel:
        return RabbitChannel(self._connect(), queue, prefetch)

    def ready(self) -> bool:
        return self._publisher.ready()

    def close(self) -> None:
        self._publisher.close()

    def _connect(self) -> pika.BlockingConnection:
        try:
            return pika.BlockingConnection(self._parameters)
        except _FAILURES as error:
            raise BrokerUnavailable(f"cannot connect to the broker: {type(error).__name__}") from error

    def _connection(self) -> pika.BlockingConnection:
        return self._connect()


def own_exchange(queue: str) -> str:
    """Return the exchange through which a service reaches its own queues."""
    return f"{queue.partition('.')[0]}.retry"


def _falls_into(queue: str, target: str) -> dict[str, Any]:
    return {"x-queue-type": "quorum", "x-dead-letter-exchange": own_exchange(queue),
            "x-dead-letter-routing-key": target, "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish"}


def _retry_queue(queue: str, delay: float) -> str:
    return f"{queue}.retry.{delay:g}"


def _parcel(body: str, headers: dict[str, Any] | None = None) -> tuple[bytes, pika.BasicProperties]:
    plain, encoding = packed(body)
    return plain, pika.BasicProperties(delivery_mode=2, content_type="application/cloudevents+json",
                                       content_encoding=encoding, headers=headers)


class RabbitChannel:
    """A Channel on its own connection, so that a slow consumer disturbs nobody."""

    def __init__(self, connection: pika.BlockingConnection, queue: str, prefetch: int) -> None:
        self._connection, self._queue = connection, queue
        self._waiting: list[Delivery] = []
        self._channel: BlockingChannel = self._guard(connection.channel)
        self._guard(self._channel.confirm_delivery)
        self._guard(lambda: self._channel.basic_qos(prefetch_count=prefetch))
        self._guard(lambda: self._channel.basic_consume(queue, self._received))

    def fetch(self, limit: int, wait: float) -> list[Delivery]:
        until = time.monotonic() + wait
        while not self._waiting and (left := until - time.monotonic()) > 0:
            self._guard(lambda left=left: self._connection.process_data_events(left))
        if 0 < len(self._waiting) < limit:
            self._guard(lambda: self._connection.process_data_events(0))
        taken, self._waiting = self._waiting[:limit], self._waiting[limit:]
        return taken

    def gather(self, limit: int, seconds: float, stop: threading.Event) -> None:
        until = time.monotonic() + seconds
        while len(self._waiting) < limit and not stop.is_set() and (left := until - time.monotonic()) > 0:
            self._guard(lambda left=left: self._connection.process_data_events(min(left, _SLICE_SECONDS)))

    def ack(self, deliveries: Sequence[Delivery]) -> None:
        def settle() -> None:  # all that was handed out before is settled already, so one frame speaks for all of these
            self._channel.basic_ack(deliveries[-1].tag, multiple=True)
            self._connection.process_data_events(0)

        self._guard(settle)

    def retry(self, delivery: Delivery, delay: float, error: str) -> None:
        self._move(delivery, _retry_queue(self._queue, delay), error)

    def bury(self, delivery: Delivery, error: str) -> None:
        self._move(delivery, f"{self._queue}.dead", error)

    def close(self) -> None:
        try:
            self._connection.close()
        except _FAILURES:
            log.debug("the connection to the broker was closed already")

    def _move(self, delivery: Delivery, queue: str, error: str) -> None:
        parcel = _parcel(delivery.body, {"x-attempts": delivery.attempts + 1, "x-error": error[:2000]})
        self._guard(lambda: self._channel.basic_publish(own_exchange(queue), queue, *parcel, mandatory=True))
        self._guard(lambda: self._channel.basic_ack(delivery.tag))

    def _received(self, _: BlockingChannel, method: Any, properties: pika.BasicProperties, body: bytes) -> None:
        headers = properties.headers or {}
        self._waiting.append(Delivery(method.delivery_tag, partial(unpacked, body, properties),
                                      int(headers.get("x-attempts", 0)), str(headers.get("x-error", ""))))

    def _guard(self, action: Callable[[], R]) -> R:
        try:
            return action()
        except _FAILURES as error:
            raise BrokerUnavailable(f"lost the broker: {type(error).__name__}") from error
