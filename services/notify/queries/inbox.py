"""A person's inbox: items rendered in the reader's language when they are read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from chassis.clock import to_wire
from services.notify.model.templates import Reader, Rendered
from services.notify.queries.messages import file_of, render_rows
from services.notify.store.tables import inbox_item

_COUNT_LIMIT = 1000


def items_of(user_id: str, *, unread: bool = False) -> Select[Any]:
    """Return the statement for a person's items; order and bound are the caller's."""
    statement = select(inbox_item).where(inbox_item.c.user_id == user_id)
    return statement.where(inbox_item.c.read_at.is_(None)) if unread else statement


def render_items(connection: Connection, rows: Sequence[Any], reader: Reader) -> list[dict[str, Any]]:
    """Return one person's items as the API shows them."""
    return [_render(row, message) for row, message in zip(rows, render_rows(connection, rows, reader), strict=True)]


def count_unread(connection: Connection, user_id: str) -> int:
    """Count unread items, up to a thousand."""
    some = items_of(user_id, unread=True).with_only_columns(inbox_item.c.id).limit(_COUNT_LIMIT).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar() or 0


def changed_since(connection: Connection, users: Sequence[str], moment: datetime) -> Sequence[Any]:
    """Return items of these people that are new or have grown since `moment`, oldest first, at most 500."""
    return connection.execute(select(inbox_item).where(
        inbox_item.c.updated_at > moment, inbox_item.c.user_id.in_(users))
        .order_by(inbox_item.c.updated_at, inbox_item.c.id).limit(500)).all()


def _render(row: Any, message: Rendered) -> dict[str, Any]:
    return {"id": row.id, "title": message.subject, "body": message.body, "template": row.template,
            "link": row.link if row.count == 1 else None, "file": file_of(row), "count": row.count, "bulk": row.bulk,
            "read_at": to_wire(row.read_at) if row.read_at else None, "created_at": to_wire(row.created_at),
            "updated_at": to_wire(row.updated_at)}
