"""A seal: a named point in the log at which the content of every table is known.

The services' databases are one cluster, and its transactions have numbers in one row. Nobody is stopped for a seal.
A number is taken while no other transaction is under way; then each database gets a transaction that sees what is
committed now, and the point is set in the log; then a number is taken again. When the two are neighbours, nobody began
to write between them, so that the point and what the transactions see are the same. Else it is tried again, some
hundred times a second when it must.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass

import psycopg
from sqlalchemy.engine import URL

from chassis.clock import to_wire, utcnow
from freehold.backup.errors import BackupError
from freehold.backup.fingerprints import SESSION, Fingerprint, fingerprint

_BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_NUMBER = "SELECT pg_current_xact_id()::text::bigint, pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


@dataclass(frozen=True)
class Seal:
    """A point by name, the backup before it, its timeline, and [rows, checksum] by table and database."""

    name: str
    made_at: str
    backup: str
    timeline: int
    databases: dict[str, Fingerprint]

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def set_seal(url: URL, databases: tuple[str, ...], backup: str, patience: float) -> Seal:
    """Set a point and count; raises BackupError when no quiet instant came within `patience` seconds."""
    with ExitStack() as stack:
        admin = stack.enter_context(connect(url, "postgres"))
        readers = {name: stack.enter_context(connect(url, name)) for name in databases}
        name = _point(admin, readers, time.monotonic() + patience)
        timeline = admin.execute("SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)").fetchone()
        made_at = to_wire(utcnow())
        admin.execute("SELECT pg_switch_wal()")
        found = {database: fingerprint(reader) for database, reader in readers.items()}
        return Seal(name, made_at, backup, int(str((timeline or ("0",))[0]), 16), found)


@contextmanager
def connect(url: URL, database: str) -> Iterator[psycopg.Connection]:
    """A session of the superuser in one database, with one way of writing values."""
    try:
        connection = psycopg.connect(host=url.query.get("host") or url.host, port=url.port or 5432,
                                     user=url.username, password=url.password,
                                     dbname=database, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise BackupError(f"PostgreSQL does not let the superuser in: {error}") from None
    try:
        for statement in SESSION:
            connection.execute(statement)
        yield connection
    finally:
        connection.close()


def _point(admin: psycopg.Connection, readers: dict[str, psycopg.Connection], deadline: float) -> str:
    while time.monotonic() < deadline:
        name = f"freehold-{utcnow():%Y%m%dT%H%M%S.%f}"
        if _set_in_quiet(admin, readers, name):
            return name
        for reader in readers.values():
            reader.execute("ROLLBACK")
        time.sleep(0.005)
    raise BackupError("no instant without a writer was found to seal; the backup is there, and is not verified yet")


def _set_in_quiet(admin: psycopg.Connection, readers: dict[str, psycopg.Connection], name: str) -> bool:
    for reader in readers.values():
        reader.execute(_BEGIN)
    first, oldest = _number(admin)
    if oldest != first:
        return False
    for reader in readers.values():
        reader.execute("SELECT pg_current_snapshot()")
    admin.execute("SELECT pg_create_restore_point(%s)", (name,))
    return _number(admin)[0] == first + 1


def _number(admin: psycopg.Connection) -> tuple[int, int]:
    """(a new transaction's number, the oldest that is under way)."""
    row = admin.execute(_NUMBER).fetchone()
    assert row is not None
    return row[0], row[1]
