"""The tables of dry runs: what was tried over which days and how far it came, and each change on which it would act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    tuple_,
    update,
)

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.db.types import Id, Json, PlainText, UtcDateTime
from services.workflow.store.tables import metadata

RUNNING, FINISHED, FAILED, CANCELLED = "running", "finished", "failed", "cancelled"

dry_run = Table(
    "dry_run", metadata,
    Column("id", Id(), primary_key=True),
    Column("caller", PlainText(), nullable=False),  # Principal.key of who started it
    Column("object", PlainText(), nullable=False),
    Column("rule", Json(), nullable=False),  # the rule as it is tried, saved or not
    Column("process", Json()),  # of a process that is tried: its id, its file, and what its elements are called
    Column("since", UtcDateTime(), nullable=False),
    Column("until", UtcDateTime(), nullable=False),
    Column("reached", UtcDateTime(), nullable=False),  # all changes before this moment have been judged
    Column("state", PlainText(), nullable=False),
    Column("stopped", PlainText()),  # changes, seconds: the bound at which it stopped early
    Column("counts", Json(), nullable=False),
    Column("notes", Json(), nullable=False),  # codes of what its result leans on
    Column("problem", PlainText()),
    Column("job_id", Id(), nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
    Index("dry_run_of_caller", "caller", "state"),
    Index("dry_run_age", "created_at"),
)

dry_run_hit = Table(
    "dry_run_hit", metadata,
    Column("run_id", Id(), nullable=False),
    Column("number", Integer, nullable=False),
    Column("record_id", Id(), nullable=False),
    Column("at", UtcDateTime(), nullable=False),
    Column("body", Json(), nullable=False),  # see usecases.trying.effects
    PrimaryKeyConstraint("run_id", "number"),
    Index("dry_run_hit_of_record", "record_id"),
)

_ONE = select(dry_run).where(dry_run.c.id == bindparam("key"))


def find_run(connection: Connection, id: str) -> Row[Any] | None:
    """One dry run."""
    return connection.execute(_ONE, {"key": id}).one_or_none()


def lock_run(uow: UnitOfWork, id: str) -> Row[Any] | None:
    """One dry run, locked until the end of the unit of work."""
    return uow.execute(_ONE.with_for_update(), {"key": id}).one_or_none()


def change_run(uow: UnitOfWork, id: str, **values: Any) -> None:
    """Change members of a dry run."""
    uow.execute(update(dry_run).where(dry_run.c.id == id).values(**values, updated_at=utcnow()))


def add_hits(uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep changes on which it would act."""
    if rows:
        uow.execute(dry_run_hit.insert(), [dict(row) for row in rows])


def forget_some(uow: UnitOfWork, before: Any, slice: int) -> bool:
    """Forget a slice of what is older; False when nothing is left."""
    old = select(dry_run.c.id).where(dry_run.c.created_at < before).order_by(dry_run.c.created_at).limit(1)
    id = uow.execute(old).scalar()
    if id is None:
        return False
    key = tuple_(dry_run_hit.c.run_id, dry_run_hit.c.number)
    some = select(dry_run_hit.c.run_id, dry_run_hit.c.number).where(dry_run_hit.c.run_id == id).limit(slice)
    if uow.execute(delete(dry_run_hit).where(key.in_(some))).rowcount < slice:
        uow.execute(delete(dry_run).where(dry_run.c.id == id))
    return True
