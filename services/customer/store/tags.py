"""The tags of the company, one row each; fields of tags have them all as their choices."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, Table, select

from chassis.db.types import Json, PlainText, UtcDateTime
from services.customer.store.tables import metadata

tag = Table(
    "tag", metadata,
    Column("key", PlainText(), primary_key=True),
    Column("label", Json(), nullable=False),  # language → text
    Column("color", PlainText()),
    Column("created_at", UtcDateTime(), nullable=False),
)


def read_choices(connection: Connection) -> list[dict[str, Any]]:
    """All tags as the choices of a field, the oldest first."""
    rows = connection.execute(select(tag).order_by(tag.c.created_at, tag.c.key))
    return [{"value": row.key, "label": row.label} | ({"color": row.color} if row.color else {}) for row in rows]
