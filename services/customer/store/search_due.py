"""Pieces of imports whose search entries are still to be made: left with the records, taken one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, or_, select

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from services.customer.store.imports.tables import import_run
from services.customer.store.tables import search_due

_PIECE = 500
_PATIENCE = timedelta(seconds=20)
_ADD = search_due.insert()
_WRITING = select(import_run.c.id).where(import_run.c.state == "importing").limit(1)


def leave_due(uow: UnitOfWork, object_name: str, bulk: str, ids: Sequence[str]) -> None:
    """Leave records of an import whose entries are to be made."""
    pieces = [ids[start:start + _PIECE] for start in range(0, len(ids), _PIECE)]
    now = utcnow()
    uow.later(_ADD, [{"object": object_name, "bulk": bulk, "count": len(piece), "records": list(piece),
                      "created_at": now} for piece in pieces])


def is_ripe(connection: Connection) -> bool:
    """Whether a piece waits whose time has come."""
    return connection.execute(_ripe()).first() is not None


def is_writing(connection: Connection) -> bool:
    """Whether an import is at work."""
    return connection.execute(_WRITING).first() is not None


def take_ripe(uow: UnitOfWork) -> Row[Any] | None:
    """The oldest piece whose time has come, locked; those that another worker has in hands are left to it."""
    return uow.execute(_ripe().with_for_update(of=search_due, skip_locked=True)).one_or_none()


def forget_due(uow: UnitOfWork, id: int) -> None:
    """Forget a piece that is done."""
    uow.execute(delete(search_due).where(search_due.c.id == id))


def waiting_for_search(connection: Connection, bulk: str | None = None) -> int:
    """How many records, of one import or of all, have no entry yet."""
    query = select(func.coalesce(func.sum(search_due.c.count), 0))
    return int(connection.execute(query if bulk is None else query.where(search_due.c.bulk == bulk)).scalar_one())


def _ripe() -> Select[Any]:
    """An import that is at work has the machine for itself, but not for longer than the patience of a searcher."""
    writing = import_run.c.state == "importing"
    return (select(search_due).join(import_run, import_run.c.id == search_due.c.bulk, isouter=True)
            .where(or_(import_run.c.id.is_(None), ~writing, search_due.c.created_at < utcnow() - _PATIENCE))
            .order_by(search_due.c.id).limit(1))
