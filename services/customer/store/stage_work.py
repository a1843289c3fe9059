"""What people have to do in a stage: its key tasks once a record came into it, and what of its check list is ticked.

The tasks themselves are kept by the workflow service; a row here has the same id and says how far its task is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
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

from chassis.db import UnitOfWork, insert_or
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

_GIVE_TICK = update(stage_tick).where(
    stage_tick.c.record_id == bindparam("source"), stage_tick.c.field == bindparam("of_field"),
    stage_tick.c.stage == bindparam("of_stage"), stage_tick.c.key == bindparam("of_key")).values(
        record_id=bindparam("target"))


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
    return bool(uow.execute(insert_or(uow, stage_tick).values(row).on_conflict_do_nothing()).rowcount)


def untick(uow: UnitOfWork, row: Mapping[str, Any]) -> bool:
    """Take a tick back; tells whether there was one."""
    mine = [stage_tick.c[name] == row[name] for name in ("record_id", "field", "stage", "key")]
    return bool(uow.execute(delete(stage_tick).where(*mine)).rowcount)


def move_work(uow: UnitOfWork, source: str, target: str, *, waiting: bool) -> dict[str, Any]:
    """Give the key tasks and ticks of a record to another one that takes it in; returns which, for `bring_back_work`.

    Points that are ticked there already stay behind, and so do tasks that wait for an owner unless `waiting`: whoever
    owns the target has not come there just now, so nobody would take them up.
    """
    mine = select(_TASK.id).where(_TASK.record_id == source)
    tasks = list(uow.execute(mine if waiting else mine.where(_TASK.state != WAITING)).scalars())
    standing = {_point(row) for row in ticks_of(uow.connection, [target]).get(target, ())}
    ticks = [row for row in ticks_of(uow.connection, [source]).get(source, ()) if _point(row) not in standing]
    _give(uow, tasks, [_point(row) for row in ticks], source, target)
    return {"tasks": tasks, "ticks": [list(_point(row)) for row in ticks]}


def bring_back_work(uow: UnitOfWork, moved: Mapping[str, Any], source: str, target: str) -> None:
    """Give back to `target` what was moved to `source`, as far as it is still there."""
    _give(uow, moved["tasks"], moved["ticks"], source, target)


def _give(uow: UnitOfWork, tasks: Collection[str], ticks: Iterable[Sequence[str]], source: str, target: str) -> None:
    for some in _pieces(tasks):
        uow.execute(update(stage_task).where(_TASK.id.in_(some), _TASK.record_id == source).values(record_id=target))
    points = [{"of_field": field, "of_stage": stage, "of_key": key} for field, stage, key in ticks]
    if points:
        uow.execute(_GIVE_TICK, [{**point, "source": source, "target": target} for point in points])


def _point(row: Any) -> tuple[str, str, str]:
    return row.field, row.stage, row.key


def _pieces(ids: Collection[str]) -> Iterable[list[str]]:
    every = list(ids)
    for start in range(0, len(every), _AT_ONCE):
        yield every[start:start + _AT_ONCE]
