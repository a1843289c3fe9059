"""The tables of the report service: dashboards. Records are in the read model, which is a file of its own."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, MetaData, Table

from chassis.db.types import Id, Json, PlainText, UtcDateTime

metadata = MetaData()

dashboard = Table(
    "dashboard", metadata,
    Column("id", Id(), primary_key=True),
    Column("key", PlainText(), unique=True),  # what a pack knows it by
    Column("name", Json(), nullable=False),
    Column("description", Json()),
    Column("visibility", PlainText(), nullable=False),  # private, roles, everybody
    Column("role_keys", Json(), nullable=False),
    Column("owner_id", Id()),
    Column("position", Integer, nullable=False),
    Column("widgets", Json(), nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
    Index("dashboard_order", "position", "id"),
)
