"""Publishing with a window of unconfirmed messages, on pika's SelectConnection in a thread of its own.

Waiting for each confirm costs a round trip and a disk flush per message. Here a whole batch is written at once and
the caller waits until the broker has confirmed the last of it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any

import pika
from pika.exceptions import AMQPError

from chassis.events.broker import EXCHANGE, BrokerUnavailable

log = logging.getLogger(__name__)

_CONFIRM_SECONDS = 30.0
_CONNECT_SECONDS = 10.0
Item = tuple[str, str, bytes, pika.BasicProperties]  # exchange, routing key, body


class WindowedPublisher:
    """Publishes batches; connects when first needed and again after a loss."""

    def __init__(self, parameters: pika.URLParameters) -> None:
        self._parameters = parameters
        self._one_batch = threading.Lock()
        self._link: _Link | None = None

    def publish(self, items: Sequence[Item]) -> None:
        """Publish in order and wait for all confirms; raises BrokerUnavailable."""
        with self._one_batch:
            self._open().publish(items)

    def ready(self) -> bool:
        """Tell whether a connection stands or can be made now."""
        try:
            with self._one_batch:
                self._open()
            return True
        except BrokerUnavailable:
            return False

    def close(self) -> None:
        """End the connection and its thread."""
        if self._link is not None:
            self._link.close()
            self._link = None

    def _open(self) -> _Link:
        if self._link is None or not self._link.alive:
            if self._link is not None:
                self._link.close()
            self._link = _Link(self._parameters)
        self._link.wait_until_open()
        return self._link


class _Link:
    """One connection, its channel in confirm mode, and the thread that runs its loop."""

    def __init__(self, parameters: pika.URLParameters) -> None:
        self.alive = True
        self._opened, self._settled = threading.Event(), threading.Event()
        self._outstanding: set[int] = set()
        self._tag, self._refused = 0, False
        self._channel: Any = None
        self._loop_lock, self._loop_open = threading.Lock(), True
        self._connection = pika.SelectConnection(
            parameters, on_open_callback=self._connected,
            on_open_error_callback=self._ended, on_close_callback=self._ended)
        self._thread = threading.Thread(target=self._run, name="broker-publisher", daemon=True)
        self._thread.start()

    def wait_until_open(self) -> None:
        if not self._opened.wait(_CONNECT_SECONDS) or not self.alive:
            raise BrokerUnavailable("cannot connect to the broker")

    def publish(self, items: Sequence[Item]) -> None:
        self._settled.clear()
        self._refused = False
        self._call_in_loop(lambda: self._write(items))
        if not self._settled.wait(_CONFIRM_SECONDS) or not self.alive or self._refused:
            self.alive = False
            raise BrokerUnavailable("the broker did not confirm")

    def close(self) -> None:
        self._call_in_loop(self._close_in_loop)
        self._thread.join(5)

    def _run(self) -> None:
        try:
            self._connection.ioloop.start()
        except (AMQPError, OSError) as error:
            log.warning("the broker's connection ended: %s", type(error).__name__)
        finally:
            self._lost()
            with self._loop_lock:
                self._loop_open = False
                self._connection.ioloop.close()

    def _call_in_loop(self, action: Callable[[], None]) -> None:
        with self._loop_lock:
            if self._loop_open:
                self._connection.ioloop.add_callback_threadsafe(action)

    def _connected(self, connection: pika.SelectConnection) -> None:
        connection.channel(on_open_callback=self._channel_open)

    def _channel_open(self, channel: Any) -> None:
        self._channel = channel
        channel.add_on_close_callback(self._channel_closed)
        channel.confirm_delivery(self._confirmed, callback=self._exchange)

    def _exchange(self, _: Any) -> None:
        self._channel.exchange_declare(EXCHANGE, "topic", durable=True, callback=lambda _: self._opened.set())

    def _write(self, items: Sequence[Item]) -> None:
        try:
            for item in items:
                self._tag += 1
                self._outstanding.add(self._tag)
                self._channel.basic_publish(*item)
        except (AMQPError, OSError):
            self._lost()

    def _confirmed(self, frame: Any) -> None:
        tag = frame.method.delivery_tag
        done = {one for one in self._outstanding if one <= tag} if frame.method.multiple else {tag}
        self._outstanding -= done
        self._refused |= isinstance(frame.method, pika.spec.Basic.Nack)
        if not self._outstanding:
            self._settled.set()

    def _channel_closed(self, *_: Any) -> None:
        self._lost()
        if self._connection.is_open:
            self._connection.close()

    def _ended(self, *_: Any) -> None:
        self._lost()
        self._connection.ioloop.stop()

    def _lost(self) -> None:
        self.alive = False
        self._opened.set()
        self._settled.set()

    def _close_in_loop(self) -> None:
        self.alive = False
        if self._connection.is_open:
            self._connection.close()
        else:
            self._connection.ioloop.stop()
