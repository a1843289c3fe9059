"""A question that may take only so long: counting and adding up never hold anybody back.

PostgreSQL ends the statement by itself; SQLite asks every few thousand steps whether it may go on.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

_CANCELED = "57014"  # query_canceled
_STEPS = 20_000


class TooSlow(Exception):
    """The time was up before the answer was there."""


@contextmanager
def limited(connection: Connection, seconds: float) -> Iterator[None]:
    """Statements of the block end with TooSlow when one takes longer than that; it must not write."""
    try:
        with (_of_sqlite if connection.dialect.name == "sqlite" else _of_postgres)(connection, seconds):
            yield
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) == _CANCELED or "interrupted" in str(error.orig):
            raise TooSlow from error
        raise


@contextmanager
def _of_postgres(connection: Connection, seconds: float) -> Iterator[None]:
    connection.exec_driver_sql("BEGIN")
    try:
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
        yield
    finally:
        connection.exec_driver_sql("ROLLBACK")


@contextmanager
def _of_sqlite(connection: Connection, seconds: float) -> Iterator[None]:
    driver = connection.connection.driver_connection
    assert driver is not None
    ends_at = time.monotonic() + seconds
    driver.set_progress_handler(lambda: time.monotonic() > ends_at, _STEPS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)
