"""The local broker of embedded mode: a durable queue in one SQLite file.

One row per message and queue, so that a slow or failing consumer never holds up another. Rows leave when they are
settled. One process only: consumers wait on a condition in memory.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from chassis.events.broker import Delivery, Outgoing

_SCHEMA = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=FULL;
CREATE TABLE IF NOT EXISTS binding (queue TEXT NOT NULL, type TEXT NOT NULL, PRIMARY KEY (queue, type)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS message (
  id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, body TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, available_at REAL NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS message_queue ON message (queue, available_at, id);
"""


class LocalBroker:
    """A Broker for one process."""

    def __init__(self, path: str | Path) -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(str(path), check_same_thread=False, isolation_level=None)
        self._db.executescript(_SCHEMA)
        self._lock = threading.Lock()
        self._arrived: dict[str, threading.Condition] = defaultdict(threading.Condition)
        self._closed = False

    def declare(self, queue: str, types: Sequence[str], delays: Sequence[float]) -> None:
        with self._lock, self._transaction():
            self._db.execute("DELETE FROM binding WHERE queue = ?", (queue,))
            self._db.executemany("INSERT INTO binding VALUES (?, ?)", [(queue, type) for type in types])

    def publish(self, messages: Sequence[Outgoing]) -> None:
        with self._lock, self._transaction():
            rows = [(queue, message.body) for message in messages for queue in self._queues_for(message)]
            self._db.executemany("INSERT INTO message (queue, body) VALUES (?, ?)", rows)
        self._announce({queue for queue, _ in rows})

    def channel(self, queue: str, prefetch: int) -> LocalChannel:
        return LocalChannel(self, queue)

    def ready(self) -> bool:
        return not self._closed

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._db.close()

    def depth(self, queue: str) -> int:
        """Count what waits in a queue."""
        with self._lock:
            return self._db.execute("SELECT count(*) FROM message WHERE queue = ?", (queue,)).fetchone()[0]

    def fetch(self, queue: str, limit: int, wait: float) -> list[Delivery]:
        """Return what is due in `queue`, waiting up to `wait` seconds for the first."""
        until = time.monotonic() + wait
        while True:
            with self._arrived[queue]:
                found, pause = self._due(queue, limit)
                left = until - time.monotonic()
                if found or left <= 0:
                    return found
                self._arrived[queue].wait(min(left, pause))

    def settle(self, ids: Sequence[int]) -> None:
        """Forget messages."""
        with self._lock, self._transaction():
            self._db.executemany("DELETE FROM message WHERE id = ?", [(id,) for id in ids])

    def move(self, id: int, queue: str, delay: float, error: str) -> None:
        """Put a message into `queue`, due after `delay` seconds, with one more attempt counted."""
        with self._lock, self._transaction():
            self._db.execute("UPDATE message SET queue = ?, attempts = attempts + 1, available_at = ?, error = ? "
                             "WHERE id = ?", (queue, time.time() + delay, error, id))
        self._announce({queue})

    def _due(self, queue: str, limit: int) -> tuple[list[Delivery], float]:
        now = time.time()
        with self._lock:
            if self._closed:
                return [], 1.0
            rows = self._db.execute("SELECT id, body, attempts, error FROM message WHERE queue = ? AND "
                                    "available_at <= ? ORDER BY id LIMIT ?", (queue, now, limit)).fetchall()
            next_at = self._db.execute("SELECT min(available_at) FROM message WHERE queue = ?", (queue,)).fetchone()[0]
        pause = 60.0 if next_at is None else max(0.01, next_at - now)
        return [Delivery(id, partial(str, body), attempts, error) for id, body, attempts, error in rows], pause

    def _queues_for(self, message: Outgoing) -> list[str]:
        if message.queue is not None:
            return [message.queue]
        found = self._db.execute("SELECT queue FROM binding WHERE type = ? ORDER BY queue", (message.type,))
        return [queue for queue, in found.fetchall()]

    def _announce(self, queues: set[str]) -> None:
        for queue in queues:
            with self._arrived[queue]:
                self._arrived[queue].notify_all()

    def _transaction(self) -> _Transaction:
        return _Transaction(self._db)


class _Transaction:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        self._db.execute("ROLLBACK" if failed else "COMMIT")


class LocalChannel:
    """A Channel over the queue file."""

    def __init__(self, broker: LocalBroker, queue: str) -> None:
        self._broker, self._queue = broker, queue

    def fetch(self, limit: int, wait: float) -> list[Delivery]:
        return self._broker.fetch(self._queue, limit, wait)

    def gather(self, limit: int, seconds: float, stop: threading.Event) -> None:
        stop.wait(seconds)  # what comes in meanwhile stands in the file

    def ack(self, deliveries: Sequence[Delivery]) -> None:
        self._broker.settle([delivery.tag for delivery in deliveries])

    def retry(self, delivery: Delivery, delay: float, error: str) -> None:
        self._broker.move(delivery.tag, self._queue, delay, error)

    def bury(self, delivery: Delivery, error: str) -> None:
        self._broker.move(delivery.tag, f"{self._queue}.dead", 0, error)

    def close(self) -> None:
        """Nothing is held: unsettled rows are still in the file."""
