"""The rows of an uploaded sheet on disk, in a SQLite file of its own: read in chunks by number, never all at once.

Beside the rows stand the match keys that a dry run has seen, with the row that had them first. So finding doubles
within a sheet costs no memory, and a dry run that starts again finds the same.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

_SCHEMA = """
CREATE TABLE staged_row (number INTEGER PRIMARY KEY, cells BLOB NOT NULL);
CREATE TABLE seen_key (key TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
"""
_VARIABLES = 500
Row = tuple[int, list[Any]]


def create(path: Path, rows: Iterable[Row], limit: int) -> int | None:
    """Write rows to a new file; returns how many, or None when there are more than `limit`."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.executescript(f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; {_SCHEMA} BEGIN;")
        count = 0
        for batch in _batches(rows):
            connection.executemany("INSERT INTO staged_row VALUES (?, ?)",
                                   [(number, orjson.dumps(cells)) for number, cells in batch])
            count += len(batch)
            if count > limit:
                return None
        connection.execute("COMMIT")
        return count
    finally:
        connection.close()


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == 2000:
            yield batch
            batch = []
    if batch:
        yield batch


class Staging:
    """An open staging file."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise FileNotFoundError(path.name)
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=15, check_same_thread=False)
        self._connection.execute("PRAGMA synchronous=OFF")

    def rows(self, after: int, limit: int) -> list[Row]:
        """The next rows behind the row `after`."""
        found = self._connection.execute(
            "SELECT number, cells FROM staged_row WHERE number > ? ORDER BY number LIMIT ?", (after, limit))
        return [(number, orjson.loads(cells)) for number, cells in found]

    def some(self, numbers: Sequence[int]) -> dict[int, list[Any]]:
        """The rows with these numbers."""
        found: dict[int, list[Any]] = {}
        for start in range(0, len(numbers), _VARIABLES):
            chunk = numbers[start:start + _VARIABLES]
            places = ",".join("?" * len(chunk))
            query = f"SELECT number, cells FROM staged_row WHERE number IN ({places})"  # noqa: S608 - only places
            found.update((number, orjson.loads(cells)) for number, cells in self._connection.execute(query, chunk))
        return found

    def extent(self, after: int) -> tuple[int, int]:
        """How many rows there are behind the row `after`, and the number of the last."""
        count, last = self._connection.execute(
            "SELECT count(*), max(number) FROM staged_row WHERE number > ?", (after,)).fetchone()
        return count, last or after

    def forget_seen(self) -> None:
        """Begin a new dry run."""
        self._connection.execute("DELETE FROM seen_key")

    def seen(self, keys: Sequence[str], before: int) -> dict[str, int]:
        """Those of the keys that a row before `before` had, with the number of the row that had each first."""
        found: dict[str, int] = {}
        for start in range(0, len(keys), _VARIABLES):
            chunk = keys[start:start + _VARIABLES]
            places = ",".join("?" * len(chunk))
            query = f"SELECT * FROM seen_key WHERE key IN ({places}) AND number < ?"  # noqa: S608 - only places
            found.update(self._connection.execute(query, (*chunk, before)).fetchall())
        return found

    def remember(self, keys: Mapping[str, int]) -> None:
        """Keep keys with the row that had each first."""
        self._connection.execute("BEGIN")
        self._connection.executemany("INSERT OR IGNORE INTO seen_key VALUES (?, ?)", keys.items())
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


@contextmanager
def open_staging(path: Path) -> Iterator[Staging]:
    """Open a staging file; raises FileNotFoundError when it has been removed."""
    staging = Staging(path)
    try:
        yield staging
    finally:
        staging.close()
