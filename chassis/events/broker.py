"""The broker as the rest of the chassis sees it; adapters: RabbitMQ and the local queue file.

Both give the same promises: a published message is durable when `publish` returns; each queue bound to its type gets
it at least once and in order; a delivery that is not settled comes again; a delayed retry waits in the broker; dead
letters are kept in `<queue>.dead`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Event
from typing import Any, Protocol

EXCHANGE = "freehold.events"


class BrokerUnavailable(Exception):
    """The broker cannot be reached or refused; nothing is known to be published."""


@dataclass(frozen=True)
class Outgoing:
    """A message on its way out: to all queues bound to its type, or to `queue` alone."""

    type: str
    body: str
    queue: str | None = None


@dataclass(frozen=True)
class Delivery:
    """A message handed to a consumer; `tag` is the adapter's own handle, `unpack` gives what travelled."""

    tag: Any
    unpack: Callable[[], str]
    attempts: int = 0
    error: str = ""

    @cached_property
    def body(self) -> str:
        """The text; who settles a message unread never pays for it."""
        return self.unpack()


class Channel(Protocol):
    """One consumer's hold on one queue; used by one thread."""

    def fetch(self, limit: int, wait: float) -> list[Delivery]:
        """Return up to `limit` deliveries, waiting up to `wait` seconds for the first."""

    def gather(self, limit: int, seconds: float, stop: Event) -> None:
        """Let deliveries come in for `seconds`, or until `limit` of them wait to be fetched, or until `stop`."""

    def ack(self, deliveries: Sequence[Delivery]) -> None:
        """Settle deliveries whose effects are committed."""

    def retry(self, delivery: Delivery, delay: float, error: str) -> None:
        """Bring the delivery back after `delay` seconds with one more attempt counted."""

    def bury(self, delivery: Delivery, error: str) -> None:
        """Move the delivery to the dead letters of its queue."""

    def close(self) -> None:
        """Let go; what is unsettled goes back to the queue."""


class Broker(Protocol):
    """One process' way to the broker."""

    def declare(self, queue: str, types: Sequence[str], delays: Sequence[float]) -> None:
        """Make the queue, its bindings, its retry queues and its dead letter queue, durably; repeatable."""

    def publish(self, messages: Sequence[Outgoing]) -> None:
        """Publish in order; returns when all are durable, raises BrokerUnavailable otherwise."""

    def channel(self, queue: str, prefetch: int) -> Channel:
        """Open a channel that consumes `queue`."""

    def ready(self) -> bool:
        """Tell whether the broker answers."""

    def close(self) -> None:
        """Give connections back."""
