"""Rows of attached files: kept when an upload begins, tied to a record when one names it, dropped when it lets go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, select, update

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from services.customer.store.files.tables import attachment

RECEIVING, WAITING, ATTACHED, DROPPED = "receiving", "waiting", "attached", "dropped"
_SET = update(attachment).where(attachment.c.id == bindparam("file")).values(
    state=bindparam("to"), record_id=bindparam("of"), changed_at=bindparam("now"))
_OF_OBJECT = update(attachment).where(attachment.c.object == bindparam("of"), attachment.c.state == ATTACHED).values(
    state=DROPPED, changed_at=bindparam("now"))


def add_attachment(uow: UnitOfWork, row: Mapping[str, Any]) -> None:
    """Keep an upload whose bytes are still on their way to the store."""
    now = utcnow()
    uow.execute(attachment.insert(), {**row, "record_id": None, "state": RECEIVING, "created_at": now,
                                      "changed_at": now})


def find_attachment(connection: Connection, id: str) -> Row[Any] | None:
    """One file, or None."""
    return connection.execute(select(attachment).where(attachment.c.id == id)).first()


def lock_attachments(connection: Connection, ids: Sequence[str]) -> dict[str, Row[Any]]:
    """The files among the ids, locked so that no two records take the same one."""
    query = select(attachment).where(attachment.c.id.in_(ids)).order_by(attachment.c.id).with_for_update()
    return {row.id: row for row in connection.execute(query)}


def set_state(uow: UnitOfWork, state: str, pairs: Iterable[tuple[str, str | None]]) -> None:
    """Bring files, given as (id, record), into a state."""
    now = utcnow()
    uow.later(_SET, [{"file": id, "of": record, "to": state, "now": now} for id, record in pairs])


def drop_of_field(uow: UnitOfWork, object_name: str, column: str | None = None) -> None:
    """Let go of all files of a field that is gone, or of a whole object."""
    statement = _OF_OBJECT if column is None else _OF_OBJECT.where(attachment.c.column == column)
    uow.execute(statement, {"of": object_name, "now": utcnow()})


def used_bytes(connection: Connection) -> int:
    """How much all files take together."""
    return int(connection.execute(select(func.coalesce(func.sum(attachment.c.size), 0))).scalar_one())


def left_over(connection: Connection, states: Sequence[str], before: datetime, most: int) -> list[str]:
    """Files in one of the states since before a moment, oldest first."""
    query = select(attachment.c.id).where(attachment.c.state.in_(states), attachment.c.changed_at < before)
    return list(connection.execute(query.order_by(attachment.c.changed_at).limit(most)).scalars())


def forget_attachment(uow: UnitOfWork, id: str, states: Sequence[str]) -> bool:
    """Forget a file that is still in one of the states; tells whether it was."""
    gone = uow.execute(delete(attachment).where(attachment.c.id == id, attachment.c.state.in_(states)))
    return gone.rowcount == 1
