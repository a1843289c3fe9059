"""The groups of the navigation, one row each; an object names the one that it stands in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, Integer, Table, select

from chassis.db.types import Json, PlainText, UtcDateTime
from services.customer.store.tables import metadata

object_group = Table(
    "object_group", metadata,
    Column("key", PlainText(), primary_key=True),
    Column("label", Json(), nullable=False),  # language → text
    Column("position", Integer, nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
)


def read_groups(connection: Connection) -> list[dict[str, Any]]:
    """All groups in their order."""
    rows = connection.execute(select(object_group).order_by(object_group.c.position, object_group.c.key))
    return [{"key": row.key, "label": row.label, "position": row.position} for row in rows]


def is_group(connection: Connection, key: str) -> bool:
    """Whether there is such a group."""
    return connection.execute(select(object_group.c.key).where(object_group.c.key == key)).first() is not None
