"""COPY beside the work: PostgreSQL takes rows in while Python goes on with what comes after them.

A thread hands the blocks of one COPY after the other to the server, and sleeps while the server works. Whatever else is
asked of the connection waits for them; the first error comes out there.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

from sqlalchemy import Connection, Table

from chassis.db.bulk import blocks_of, copy_blocks


class Copying:
    """The COPYs of one connection that are under way; used by one thread."""

    def __init__(self) -> None:
        self._copier: ThreadPoolExecutor | None = None
        self._running: list[Future[None]] = []

    def start(self, connection: Connection, table: Table, lines: Iterable[str]) -> None:
        """Begin to insert rows given as lines of COPY's text format; an error of `lines` itself is raised here."""
        if self._copier is None:
            self._copier = ThreadPoolExecutor(1, thread_name_prefix="copy")
        blocks: SimpleQueue[str | None] = SimpleQueue()
        driver: Any = connection.connection.driver_connection
        self._running.append(self._copier.submit(copy_blocks, driver, table, iter(blocks.get, None)))
        try:
            for block in blocks_of(lines):
                blocks.put(block)
        finally:
            blocks.put(None)

    @property
    def is_under_way(self) -> bool:
        """Whether there is something to wait for."""
        return any(not one.done() for one in self._running)

    def wait(self) -> None:
        """Wait until all are done; raises SQLAlchemy's IntegrityError, or what else went wrong first."""
        running, self._running = self._running, []
        errors = [error for one in running if (error := one.exception()) is not None]
        if errors:
            raise errors[0]

    def end(self) -> None:
        """Wait for what is under way, whatever comes of it, and let the thread go."""
        if self._copier is not None:
            self._copier.shutdown()
            self._copier = None
        self._running = []
