"""Waking the relay: one signal per burst of commits, outside of the committing transactions.

A NOTIFY inside each transaction makes PostgreSQL commit them one after another. So a committing thread only raises a
flag; a thread of the process sends the NOTIFY for all commits since the last one. If the process dies in between, the
relay's slow poll finds the rows.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

if TYPE_CHECKING:
    from chassis.db.engine import Database

CHANNEL = "freehold_outbox"
_PAUSE = 0.01

log = logging.getLogger(__name__)


class Waker:
    """Tells whoever waits for the outbox of one database that there are new rows."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.local = threading.Event()  # waited for by a relay in the same process
        self._raised = threading.Event()
        self._stopped = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Say that rows were committed; never blocks."""
        self.local.set()
        if self._database.is_sqlite:
            return
        self._raised.set()
        if self._thread is None:
            self._start()

    def stop(self) -> None:
        """End the thread of this process."""
        self._stopped.set()
        self._raised.set()
        if self._thread is not None:
            self._thread.join(2)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="outbox-waker", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._raised.wait()
            self._raised.clear()
            try:
                with self._database.read() as connection:
                    connection.exec_driver_sql(f"NOTIFY {CHANNEL}")
            except SQLAlchemyError:
                log.debug("outbox wake-up not sent; the relay polls")
            time.sleep(_PAUSE)
