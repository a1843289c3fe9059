"""Live inboxes: one look at the database a second for all browsers that a process serves.

Each stream is a queue in memory; the watcher asks with one query what is new for anybody who listens and hands it
out. Nothing depends on a stream: a browser that misses something sees it with its next list.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError

from chassis.clock import utcnow
from services.notify.metrics import STREAMS
from services.notify.queries.inbox import changed_since

if TYPE_CHECKING:
    from datetime import datetime

    from chassis.service import Service

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.7
_HEARTBEAT_SECONDS = 15.0


class Streams:
    """The live inboxes of one process."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._listeners: dict[str, set[queue.Queue[Any]]] = defaultdict(set)
        self._lock = threading.Lock()
        self._watcher: threading.Thread | None = None
        self.closed = threading.Event()

    @property
    def full(self) -> bool:
        """Whether this process serves as many streams as it may."""
        return sum(map(len, self._listeners.values())) >= self._service.settings.streams_per_process

    def listen(self, user_id: str) -> Iterator[Any]:
        """Yield rows of a person's inbox as they change, None as heartbeat; ends after the stream's life."""
        mine: queue.Queue[Any] = queue.Queue(maxsize=1000)
        self._join(user_id, mine)
        until = time.monotonic() + self._service.settings.stream_seconds
        beat = time.monotonic() + _HEARTBEAT_SECONDS
        try:
            while time.monotonic() < until and not self.closed.is_set():
                try:
                    yield mine.get(timeout=1.0)
                except queue.Empty:
                    if time.monotonic() >= beat:
                        yield None
                        beat = time.monotonic() + _HEARTBEAT_SECONDS
        finally:
            self._leave(user_id, mine)

    def _join(self, user_id: str, mine: queue.Queue[Any]) -> None:
        with self._lock:
            self._listeners[user_id].add(mine)
            STREAMS.inc()
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, name="inbox-watcher", daemon=True)
                self._watcher.start()

    def _leave(self, user_id: str, mine: queue.Queue[Any]) -> None:
        with self._lock:
            self._listeners[user_id].discard(mine)
            if not self._listeners[user_id]:
                del self._listeners[user_id]
            STREAMS.dec()

    def _watch(self) -> None:
        seen = utcnow()
        while not self.closed.wait(_LOOK_SECONDS):
            try:
                seen = self._look(seen)
            except SQLAlchemyError as error:
                log.warning("live inboxes pause: %s", type(error).__name__)

    def _look(self, since: datetime) -> datetime:
        with self._lock:
            users = list(self._listeners)
        if not users:
            return utcnow()
        with self._service.db.read() as connection:
            rows = changed_since(connection, users, since)
        for row in rows:
            for listener in list(self._listeners.get(row.user_id, ())):
                if not listener.full():
                    listener.put_nowait(row)
        return rows[-1].updated_at if rows else since
