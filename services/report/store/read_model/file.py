"""The file of the read model: opened once per process, one connection, a cursor per piece of work.

DuckDB lets one process own a file. A second one is told so in words; a file that cannot be read is put aside, because
everything in it can be built again. Readers work on snapshots beside the one writer; a reader that takes too long is
interrupted. What a killed process had committed is in DuckDB's write-ahead log and is there at the next opening.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from services.report.store.read_model.errors import ReadModelBusy, TooLarge, TooSlow

log = logging.getLogger(__name__)

_PAUSE = 0.25
_BROKEN = ("not a valid DuckDB database", "Could not read enough bytes")


class ModelFile:
    """The database file; opened at the first use."""

    def __init__(self, path: Path, *, memory: str, threads: int, spill: str) -> None:
        self.path = path
        self._limits = {"memory_limit": memory, "threads": threads, "max_temp_directory_size": spill}
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._opening = threading.Lock()
        self._writing = threading.RLock()

    def open(self, wait: float = 0.0) -> None:
        """Open the file, waiting up to `wait` seconds for another process to let it go; raises ReadModelBusy."""
        until = time.monotonic() + wait
        with self._opening:
            while self._connection is None:
                try:
                    self._connection = self._connect()
                except ReadModelBusy:
                    if time.monotonic() >= until:
                        raise
                    time.sleep(_PAUSE)

    def close(self) -> None:
        """Write everything into the file and let it go."""
        with self._writing, self._opening:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def discard(self) -> None:
        """Remove the file; the next use starts with an empty one."""
        self.close()
        for path in self._files():
            path.unlink(missing_ok=True)

    @contextmanager
    def reading(self, seconds: float | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor on one snapshot; raises TooSlow after `seconds`, TooLarge without room."""
        with self._cursor() as cursor:
            timer = threading.Timer(seconds, cursor.interrupt) if seconds is not None else None
            if timer is not None:
                timer.daemon = True
                timer.start()
            try:
                cursor.begin()
                yield cursor
                cursor.rollback()
            except duckdb.InterruptException as error:
                raise TooSlow from error
            except duckdb.OutOfMemoryException as error:
                raise TooLarge from error
            finally:
                if timer is not None:
                    timer.cancel()

    @contextmanager
    def writing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor in a transaction; one writer at a time."""
        with self._writing, self._cursor() as cursor:
            cursor.begin()
            try:
                yield cursor
            except BaseException:
                cursor.rollback()
                raise
            cursor.commit()

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        self.open()
        connection = self._connection
        if connection is None:
            raise ReadModelBusy(f"{self.path} was closed")
        try:
            with connection.cursor() as cursor:
                yield cursor
        except duckdb.FatalException:
            self._let_go(connection)
            raise

    def _let_go(self, connection: duckdb.DuckDBPyConnection) -> None:
        """After a fatal error the connection is of no use; the next use opens the file again."""
        log.error("the read model failed and is opened again")
        with self._opening:
            if self._connection is connection:
                connection.close()
                self._connection = None

    def _connect(self) -> duckdb.DuckDBPyConnection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return self._connected()
        except duckdb.Error as error:
            if _is_broken(error):
                self._put_aside(error)
                return self._connected()
            if isinstance(error, duckdb.IOException):
                raise ReadModelBusy(f"{self.path} cannot be opened; does another process own it? {error}") from error
            raise

    def _connected(self) -> duckdb.DuckDBPyConnection:
        return duckdb.connect(self.path, config={
            **self._limits, "TimeZone": "UTC", "temp_directory": f"{self.path}.spill", "enable_external_access": False,
            "autoinstall_known_extensions": False, "preserve_insertion_order": False})

    def _put_aside(self, error: Exception) -> None:
        log.error("the read model cannot be read and is put aside: %s", str(error).splitlines()[0][:300])
        for path in self._files():
            if path.exists():
                path.replace(f"{path}.broken")

    def _files(self) -> tuple[Path, Path]:
        return self.path, Path(f"{self.path}.wal")


def _is_broken(error: duckdb.Error) -> bool:
    """Whether the file is to blame: not a lock, not the disk, not a setting. A wrong checksum is a plain Error."""
    broken = (duckdb.SerializationException, duckdb.InternalException, duckdb.FatalException)
    return type(error) is duckdb.Error or isinstance(error, broken) or any(words in str(error) for words in _BROKEN)
