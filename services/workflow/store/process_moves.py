"""The tables of moves: instances of which versions go to which, how far that is, and what became of each instance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Row,
    Table,
    bindparam,
    delete,
    literal_column,
    select,
    tuple_,
    update,
)

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.db.types import Id, Json, PlainText, UtcDateTime
from services.workflow.store.tables import metadata, process_instance

RUNNING, FINISHED, FAILED, CANCELLED = "running", "finished", "failed", "cancelled"
MOVED, KEPT, GONE = "moved", "kept", "gone"  # of an instance; the last had ended, or somebody else had moved it

process_move = Table(
    "process_move", metadata,
    Column("id", Id(), primary_key=True),
    Column("process_id", Id(), nullable=False),
    Column("sources", Json(), nullable=False),  # numbers of versions
    Column("target", Integer, nullable=False),
    Column("mapping", Json(), nullable=False),  # element → element; null: what stands there stays
    Column("state", PlainText(), nullable=False),
    Column("total", Integer, nullable=False),  # instances when it began
    Column("counts", Json(), nullable=False),  # by outcome
    Column("job_id", Id(), nullable=False),
    Column("by_id", Id()),
    Column("by_name", PlainText(), nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
    Index("process_move_of_process", "process_id", "id"),
)

process_move_result = Table(
    "process_move_result", metadata,
    Column("move_id", Id(), nullable=False),
    Column("instance_id", Id(), nullable=False),
    Column("outcome", PlainText(), nullable=False),
    Column("version", Integer, nullable=False),  # that it had
    Column("reasons", Json(), nullable=False),  # why it stays: [{"node", "words": by language}]
    Column("at", UtcDateTime(), nullable=False),
    PrimaryKeyConstraint("move_id", "instance_id"),
    Index("process_move_result_outcome", "move_id", "outcome", "instance_id"),
)

_ONE = select(process_move).where(process_move.c.id == bindparam("key"))
_INSTANCE = process_instance.c


def find_move(connection: Connection, id: str) -> Row[Any] | None:
    """One move."""
    return connection.execute(_ONE, {"key": id}).one_or_none()


def lock_move(uow: UnitOfWork, id: str) -> Row[Any] | None:
    """One move, locked until the end of the unit of work."""
    return uow.execute(_ONE.with_for_update(), {"key": id}).one_or_none()


def change_move(uow: UnitOfWork, id: str, **values: Any) -> None:
    """Change members of a move."""
    uow.execute(update(process_move).where(process_move.c.id == id).values(**values, updated_at=utcnow()))


def standing_in(process_id: str, versions: Sequence[int]) -> tuple[Any, ...]:
    """The conditions of the running instances of some versions; spelt out so that their index is known to serve."""
    return (_INSTANCE.process_id == process_id, _INSTANCE.process_version.in_(versions),
            _INSTANCE.state == literal_column("'running'"))


def forget_some_moves(uow: UnitOfWork, before: Any, slice: int) -> bool:
    """Forget a slice of what is older; False when nothing is left."""
    result = process_move_result.c
    id = uow.execute(select(process_move.c.id).where(
        process_move.c.created_at < before, process_move.c.state != RUNNING)
        .order_by(process_move.c.id).limit(1)).scalar()
    if id is None:
        return False
    some = select(result.move_id, result.instance_id).where(result.move_id == id).limit(slice)
    if uow.execute(delete(process_move_result).where(
            tuple_(result.move_id, result.instance_id).in_(some))).rowcount < slice:
        uow.execute(delete(process_move).where(process_move.c.id == id))
    return True
