"""Engine and transactions of one service's database.

SQLite: write-ahead log, full durability, and one writer at a time, chosen fairly by a lock in the process, because a
second writer would otherwise sleep and poll. PostgreSQL: time-outs on every session, times in UTC, uuids as strings;
its connections commit by themselves, so that a read is one round trip, and a unit of work opens its transaction itself.
"""

from __future__ import annotations

import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InvalidatePoolError

from chassis.criteria.sqlite import register_sqlite_functions
from chassis.db.types import CHINESE_COLLATION, chinese_collation
from chassis.db.unit_of_work import UnitOfWork
from chassis.db.wake import Waker
from chassis.jsonio import dumps, loads

SESSION = {
    "timezone": "UTC", "lock_timeout": "10000", "idle_in_transaction_session_timeout": "60000",
    # Every question here is meant to take milliseconds: none is worth compiling, pages come from memory or a disk
    # without arms, and a bitmap of some hundred thousand rows shall stay exact.
    "jit": "off", "random_page_cost": "1.1", "work_mem": "16MB",
}
_NO_LOCK = threading.Semaphore(1_000_000)


class Database:
    """One service's database in one process."""

    def __init__(self, url: str, service: str, *, pool: int = 10, timeout_ms: int = 30_000) -> None:
        self.url, self.service = url, service
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _sqlite_engine(url, pool) if self.is_sqlite else _postgres_engine(url, service, pool, timeout_ms)
        self.waker = Waker(self)
        self.closed = False
        self._writer: Any = threading.Lock() if self.is_sqlite else _NO_LOCK

    @contextmanager
    def unit_of_work(self) -> Iterator[UnitOfWork]:
        """Open a unit of work: commits at the end of the block, rolls back on any exception."""
        with self._writer, self.engine.begin() as connection:
            uow = UnitOfWork(self, connection)
            try:
                yield uow
                uow.finish()
            except BaseException:
                uow.give_up()
                raise
        uow.committed()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a connection that only reads; no writer waits for it. On PostgreSQL each statement stands alone."""
        with self.engine.connect() as connection:
            if self.is_sqlite:
                connection.execution_options(freehold_read_only=True)
                connection.begin()
            yield connection

    def close(self) -> None:
        """Give all connections back."""
        self.closed = True
        self.waker.stop()
        self.engine.dispose()


def _sqlite_engine(url: str, pool: int) -> Engine:
    path = make_url(url).database
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, pool_size=pool, max_overflow=20, json_serializer=dumps, json_deserializer=loads,
                           hide_parameters=True, connect_args={"check_same_thread": False, "timeout": 15})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000", "cache_size=-8000"):
        connection.execute(f"PRAGMA {pragma}").close()
    connection.create_collation(CHINESE_COLLATION, chinese_collation)
    register_sqlite_functions(connection)


def _begin_sqlite(connection: Connection) -> None:
    read_only = connection.get_execution_options().get("freehold_read_only")
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _postgres_engine(url: str, service: str, pool: int, timeout_ms: int) -> Engine:
    settings = SESSION | {"statement_timeout": f"{timeout_ms}"}
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    engine = create_engine(url, pool_size=pool, max_overflow=pool, json_serializer=dumps, json_deserializer=loads,
                           isolation_level="AUTOCOMMIT", hide_parameters=True,
                           connect_args={"options": options, "application_name": f"freehold-{service}",
                                         "connect_timeout": 5})
    event.listen(engine, "connect", _prepare_postgres)
    event.listen(engine, "checkout", _still_there)
    return engine


def _prepare_postgres(connection: Any, _: Any) -> None:
    from psycopg.types.string import TextLoader

    connection.adapters.register_loader("uuid", TextLoader)


def _still_there(connection: Any, *_: Any) -> None:
    """Refuse a kept connection that the server has ended, as it does when another takes its place.

    The socket tells: what waits to be read on an idle connection is its end or a notice. That costs no round trip, and
    whoever asks next does not pay for what happened before. Raises InvalidatePoolError: the pool then connects anew.
    """
    from psycopg import OperationalError

    driver = connection.pgconn
    waiting = select.poll()
    try:
        waiting.register(driver.socket, select.POLLIN)
        while waiting.poll(0):
            driver.consume_input()
    except OperationalError as error:
        raise InvalidatePoolError from error
