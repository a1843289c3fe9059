"""Hand-overs: whose records go to whom, how far it has come, and what was written, so that it can be undone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Row,
    Table,
    bindparam,
    select,
    update,
)

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.db.types import Id, Json, PlainText, UtcDateTime
from services.customer.store.tables import metadata

handover = Table(
    "handover", metadata,
    Column("id", Id(), primary_key=True),
    Column("person_id", Id(), nullable=False),  # whose records are handed over
    Column("caller", PlainText(), nullable=False),
    Column("started_by", Id()),
    Column("locale", PlainText(), nullable=False),
    Column("plan", Json(), nullable=False),  # [{"object", "people" or "pool_id", "criteria"}]
    Column("tasks_with_records", Boolean(), nullable=False),  # tasks about records go to their new owners
    Column("tasks_to", Id()),  # who gets the others
    Column("state", PlainText(), nullable=False),  # running, finished, failed, undoing, undone
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    # {"records": {object: n}, "receivers": {user: n}, "tasks": {user: n}, "tasks_left": n}: what stayed
    Column("counts", Json(), nullable=False),
    Column("undo", Json()),  # {"restored", "kept", "tasks", "tasks_kept"} once it is being undone
    Column("problem", Json()),
    Column("job_id", Id()),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("finished_at", UtcDateTime()),
    Index("handover_newest", "created_at", "id"),
)

handover_chunk = Table(
    "handover_chunk", metadata,
    Column("handover_id", Id(), nullable=False),
    Column("number", Integer, nullable=False),
    Column("object", PlainText(), nullable=False),
    Column("written", Json(), nullable=False),  # [[number, id, version afterwards]]
    PrimaryKeyConstraint("handover_id", "number"),
)

handover_kept = Table(
    "handover_kept", metadata,
    Column("handover_id", Id(), nullable=False),
    Column("number", Integer, nullable=False),
    Column("object", PlainText(), nullable=False),
    Column("record_id", Id(), nullable=False),
    Column("code", PlainText(), nullable=False),  # why an undoing left it alone
    PrimaryKeyConstraint("handover_id", "number"),
)

_ONE = select(handover).where(handover.c.id == bindparam("key"))


def find_handover(connection: Connection, id: str) -> Row[Any] | None:
    """One hand-over."""
    return connection.execute(_ONE, {"key": id}).one_or_none()


def lock_handover(uow: UnitOfWork, id: str) -> Row[Any] | None:
    """One hand-over, locked until the end of the unit of work."""
    return uow.execute(_ONE.with_for_update(), {"key": id}).one_or_none()


def found_counts(connection: Connection, id: str) -> dict[str, Any]:
    """What a hand-over has moved so far."""
    counts: dict[str, Any] = connection.execute(select(handover.c.counts).where(handover.c.id == id)).scalar_one()
    return counts


def change_handover(uow: UnitOfWork, id: str, **values: Any) -> None:
    """Change members of a hand-over."""
    uow.execute(update(handover).where(handover.c.id == id).values(**values))


def last_chunk(connection: Connection, id: str, before: int | None) -> Row[Any] | None:
    """The last chunk, or the last one before another."""
    table = handover_chunk.c
    query = select(handover_chunk).where(table.handover_id == id).order_by(table.number.desc()).limit(1)
    return connection.execute(query if before is None else query.where(table.number < before)).one_or_none()


def next_chunk(connection: Connection, id: str, after: int) -> Row[Any] | None:
    """The first chunk behind a number."""
    table = handover_chunk.c
    return connection.execute(select(handover_chunk).where(table.handover_id == id, table.number > after)
                              .order_by(table.number).limit(1)).one_or_none()


def finished(uow: UnitOfWork, id: str, state: str, **values: Any) -> None:
    """End a hand-over."""
    change_handover(uow, id, state=state, finished_at=utcnow(), **values)
