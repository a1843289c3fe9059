"""The tables of bulk jobs: what is to be done with all records that match, how far it has come, what it did.

What a job did is kept by chunk, so that it can be undone; what was refused, and what an undoing left alone, by record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Index, Integer, PrimaryKeyConstraint, Row, Table, bindparam, select, update

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.db.types import Id, Json, PlainText, UtcDateTime
from services.customer.store.tables import metadata

bulk_run = Table(
    "bulk_run", metadata,
    Column("id", Id(), primary_key=True),
    Column("object", PlainText(), nullable=False),
    Column("caller", PlainText(), nullable=False),  # Principal.key of who started it
    Column("started_by", Id()),
    Column("locale", PlainText(), nullable=False),
    Column("action", PlainText(), nullable=False),  # update, delete
    Column("values", Json(), nullable=False),
    Column("criteria", Json()),
    Column("q", PlainText()),
    Column("until", Id(), nullable=False),  # records that were made later are not meant
    Column("state", PlainText(), nullable=False),  # running, finished, failed, cancelled, undoing, undone
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("counts", Json(), nullable=False),  # {"changed", "unchanged", "refused"}
    Column("undo", Json()),  # {"restored", "kept"} once it is being undone
    Column("problem", Json()),  # {"code", "params"} when it failed
    Column("job_id", Id()),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
    Column("finished_at", UtcDateTime()),
    Index("bulk_run_newest", "caller", "created_at", "id"),
)

bulk_chunk = Table(
    "bulk_chunk", metadata,
    Column("bulk_id", Id(), nullable=False),
    Column("number", Integer, nullable=False),
    Column("written", Json(), nullable=False),  # [[number, id, version afterwards]]
    PrimaryKeyConstraint("bulk_id", "number"),
)

bulk_refused = Table(
    "bulk_refused", metadata,
    Column("bulk_id", Id(), nullable=False),
    Column("number", Integer, nullable=False),
    Column("record_id", Id(), nullable=False),
    Column("problem", Json(), nullable=False),  # {"code", "params", "errors": [{"pointer", "code", "params"}]}
    PrimaryKeyConstraint("bulk_id", "number"),
)

bulk_kept = Table(
    "bulk_kept", metadata,
    Column("bulk_id", Id(), nullable=False),
    Column("number", Integer, nullable=False),
    Column("record_id", Id(), nullable=False),
    Column("code", PlainText(), nullable=False),  # why an undoing left it alone
    PrimaryKeyConstraint("bulk_id", "number"),
)

_ONE = select(bulk_run).where(bulk_run.c.id == bindparam("key"))


def find_bulk(connection: Connection, id: str) -> Row[Any] | None:
    """One bulk job."""
    return connection.execute(_ONE, {"key": id}).one_or_none()


def lock_bulk(uow: UnitOfWork, id: str) -> Row[Any] | None:
    """One bulk job, locked until the end of the unit of work."""
    return uow.execute(_ONE.with_for_update(), {"key": id}).one_or_none()


def add_bulk(uow: UnitOfWork, values: Mapping[str, Any]) -> None:
    """Keep a new bulk job."""
    uow.execute(bulk_run.insert().values(**values, created_at=utcnow(), updated_at=utcnow()))


def change_bulk(uow: UnitOfWork, id: str, **values: Any) -> None:
    """Change members of a bulk job."""
    uow.execute(update(bulk_run).where(bulk_run.c.id == id).values(**values, updated_at=utcnow()))


def add_chunk(uow: UnitOfWork, id: str, number: int, written: Sequence[Sequence[Any]]) -> None:
    """Keep what a chunk did to which records; its number is that of its last record."""
    if written:
        uow.execute(bulk_chunk.insert(), {"bulk_id": id, "number": number, "written": [list(one) for one in written]})


def last_chunk(connection: Connection, id: str, before: int | None) -> tuple[int, list[list[Any]]] | None:
    """The last chunk, or the last one before another, as (number, what was done)."""
    table = bulk_chunk.c
    query = select(table.number, table.written).where(table.bulk_id == id).order_by(table.number.desc()).limit(1)
    row = connection.execute(query if before is None else query.where(table.number < before)).one_or_none()
    return None if row is None else (row.number, row.written)


def add_refused(uow: UnitOfWork, id: str, refused: Iterable[tuple[int, str, dict[str, Any]]]) -> None:
    """Keep which records were refused, and why."""
    rows = [{"bulk_id": id, "number": number, "record_id": record_id, "problem": problem}
            for number, record_id, problem in refused]
    if rows:
        uow.execute(bulk_refused.insert(), rows)


def add_left(uow: UnitOfWork, id: str, kept: Iterable[tuple[Sequence[Any], str]]) -> None:
    """Keep which records an undoing left alone, and why."""
    rows = [{"bulk_id": id, "number": one[0], "record_id": one[1], "code": code} for one, code in kept]
    if rows:
        uow.execute(bulk_kept.insert(), rows)
