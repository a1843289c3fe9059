"""What people have to do in a stage: its key tasks once a record came into it, and what of its check list is ticked.

The tasks themselves are kept by the workflow service; a row here has the same id and says how far its task is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
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
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from chassis.db import UnitOfWork
from chassis.db.types import Id, Json, PlainText, UtcDateTime
from services.customer.store.tables import metadata

WAITING, OPEN = "waiting", "open"  # until somebody is there to do it; until it is done or cancelled
LIVING = (WAITING, OPEN)
_AT_ONCE = 500

stage_task = Table(
    "stage_task", metadata,
    Column("id", Id(), primary_key=True),  # of the task, too
    Column("object", PlainText(), nullable=False),
    Column("record_id", Id(), nullable=False),
    Column("field", PlainText(), nullable=False),
    Column("stage", PlainText(), nullable=False),
    Column("title", Json(), nullable=False),  # language → text
    Column("due_at", UtcDateTime()),
    Column("state", PlainText(), nullable=False),  # waiting, open, done, cancelled
    Column("assignee_id", Id()),
    Column("version", Integer, nullable=False),  # of the task when it was heard of last
    Index("stage_task_of_record", "record_id", "field"),
)

stage_tick = Table(
    "stage_tick", metadata,
    Column("record_id", Id(), nullable=False),
    Column("field", PlainText(), nullable=False),
    Column("stage", PlainText(), nullable=False),
    Column("key", PlainText(), nullable=False),
    Column("object", PlainText(), nullable=False),
    Column("at", UtcDateTime(), nullable=False),
    Column("by_id", Id()),
    Column("by_name", PlainText()),
    PrimaryKeyConstraint("record_id", "field", "stage", "key"),
)

_TASK = stage_task.c
_HEAR = update(stage_task).where(_TASK.id == bindparam("task"), _TASK.version < bindparam("newer")).values(
    state=bindparam("now"), due_at=bindparam("due"), assignee_id=bindparam("who"), version=bindparam("newer"))


def tasks_of(connection: Connection, ids: Collection[str], *, living: bool = False) -> dict[str, list[Row[Any]]]:
    """The key tasks of records, by record, the oldest first; `living`: only those that are not closed."""
    found: dict[str, list[Row[Any]]] = {}
    for some in _pieces(ids):
        query = select(stage_task).where(_TASK.record_id.in_(some)).order_by(_TASK.id)
        for row in connection.execute(query.where(_TASK.state.in_(LIVING)) if living else query):
            found.setdefault(row.record_id, []).append(row)
    return found


def ticks_of(connection: Connection, ids: Collection[str]) -> dict[str, list[Row[Any]]]:
    """What of check lists is ticked, by record."""
    found: dict[str, list[Row[Any]]] = {}
    for some in _pieces(ids):
        for row in connection.execute(select(stage_tick).where(stage_tick.c.record_id.in_(some))):
            found.setdefault(row.record_id, []).append(row)
    return found


def take_up(uow: UnitOfWork, ids: Collection[str]) -> None:
    """Say that somebody is there now who does these tasks."""
    for some in _pieces(ids):
        uow.execute(update(stage_task).where(_TASK.id.in_(some), _TASK.state == WAITING).values(state=OPEN))


def let_go(uow: UnitOfWork, ids: Collection[str]) -> None:
    """Cancel tasks that nobody needs to do any more."""
    for some in _pieces(ids):
        uow.execute(update(stage_task).where(_TASK.id.in_(some), _TASK.state.in_(LIVING)).values(state="cancelled"))


def hear_of_tasks(uow: UnitOfWork, told: Iterable[Mapping[str, Any]]) -> None:
    """Take over how far key tasks are; what is older than what was heard before changes nothing."""
    rows = {one["task"]: one for one in sorted(told, key=lambda one: one["newer"])}
    known = [id for some in _pieces(rows) for id in uow.execute(select(_TASK.id).where(_TASK.id.in_(some))).scalars()]
    if known:
        uow.execute(_HEAR, [rows[id] for id in sorted(known)])


def tick(uow: UnitOfWork, row: Mapping[str, Any]) -> bool:
    """Tick a point of a check list; tells whether it was not ticked before."""
    dialect: Any = sqlite if uow.database.is_sqlite else postgresql
    return bool(uow.execute(dialect.insert(stage_tick).values(row).on_conflict_do_nothing()).rowcount)


def untick(uow: UnitOfWork, row: Mapping[str, Any]) -> bool:
    """Take a tick back; tells whether there was one."""
    mine = [stage_tick.c[name] == row[name] for name in ("record_id", "field", "stage", "key")]
    return bool(uow.execute(delete(stage_tick).where(*mine)).rowcount)


def _pieces(ids: Collection[str]) -> Iterable[list[str]]:
    every = list(ids)
    for start in range(0, len(every), _AT_ONCE):
        yield every[start:start + _AT_ONCE]
