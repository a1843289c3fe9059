"""The relay: takes committed rows from the outbox to the broker, in order, and forgets those that are confirmed.

One relay per database works at a time (a PostgreSQL advisory lock, or the only process of embedded mode); others wait
to take over. A crash between confirm and delete publishes again: consumers' inboxes make that harmless.

The first row after a calm time leaves at once; behind a batch the relay pauses for a moment, so that a busy product
moves its events in larger batches instead of one by one.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.exc import SQLAlchemyError

from chassis.db.engine import Database
from chassis.db.tables import outbox
from chassis.db.wake import CHANNEL
from chassis.events.broker import Broker, BrokerUnavailable, Outgoing
from chassis.metrics import EVENTS_PUBLISHED

log = logging.getLogger(__name__)

_LOCK = 7_301_552_002
_POLL_SECONDS = 1.0
_GATHER_SECONDS = 0.01
_BATCH = 500
_SELECT = select(outbox.c.id, outbox.c.type, outbox.c.queue, outbox.c.body).order_by(outbox.c.id).limit(_BATCH)
_DELETE = delete(outbox).where(outbox.c.id.in_(bindparam("ids", expanding=True)))


class Relay:
    """Publishes one service's outbox; `run` is the body of a thread."""

    def __init__(self, database: Database, broker: Broker) -> None:
        self._database, self._broker = database, broker

    def run(self, stop: threading.Event) -> None:
        """Publish until `stop`; trouble with database or broker is waited out with growing pauses."""
        pause = 0.2
        while not stop.is_set():
            try:
                with self._leadership(stop) as wait:
                    while not stop.is_set():
                        if self.publish_batch():
                            stop.wait(_GATHER_SECONDS)
                        else:
                            wait()
                        pause = 0.2
            except (SQLAlchemyError, BrokerUnavailable, OSError) as error:
                log.warning("the relay pauses: %s", type(error).__name__)
                stop.wait(pause)
                pause = min(pause * 2, 5.0)

    def publish_batch(self) -> int:
        """Publish the oldest rows; returns how many there were."""
        with self._database.read() as connection:
            rows = connection.execute(_SELECT).all()
        if rows:
            self._broker.publish([Outgoing(row.type, row.body, row.queue) for row in rows])
            with self._database.unit_of_work() as uow:
                uow.execute(_DELETE, {"ids": [row.id for row in rows]})
            for row in rows:
                EVENTS_PUBLISHED.labels(self._database.service, row.type).inc()
        return len(rows)

    @contextmanager
    def _leadership(self, stop: threading.Event) -> Iterator[Any]:
        if self._database.is_sqlite:
            yield self._wait_here
            return
        import psycopg

        try:
            with psycopg.connect(_libpq(self._database), autocommit=True) as connection:
                while not connection.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,)).fetchone()[0]:
                    if stop.wait(_POLL_SECONDS):
                        break
                connection.execute(f"LISTEN {CHANNEL}")
                yield lambda: _wait_for_notify(connection)
        except psycopg.Error as error:
            raise OSError("lost the database") from error

    def _wait_here(self) -> None:
        self._database.waker.local.wait(_POLL_SECONDS)
        self._database.waker.local.clear()


def _wait_for_notify(connection: Any) -> None:
    for _ in connection.notifies(timeout=_POLL_SECONDS, stop_after=1):
        return


def _libpq(database: Database) -> str:
    return database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
