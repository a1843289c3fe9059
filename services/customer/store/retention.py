"""Rules of retention as they are kept."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Integer, Table

from chassis.db.types import Id, Json, PlainText, UtcDateTime
from services.customer.store.tables import metadata

retention_rule = Table(
    "retention_rule", metadata,
    Column("id", Id(), primary_key=True),
    Column("object", PlainText(), nullable=False),
    Column("criteria", Json(), nullable=False),  # {"all": []} for every record
    Column("field", PlainText(), nullable=False),  # the date or moment that the days are counted from
    Column("days", Integer, nullable=False),
    Column("action", PlainText(), nullable=False),  # delete, anonymise
    Column("active", Boolean, nullable=False),
    Column("last_run_at", UtcDateTime()),
    Column("last_run", Json()),  # {"done", "kept"}
    Column("updated_at", UtcDateTime(), nullable=False),
)
