"""The table of exports that are written in the background."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table

from chassis.db.types import Id, Json, PlainText, UtcDateTime
from services.customer.store.tables import metadata

export_run = Table(
    "export_run", metadata,
    Column("id", Id(), primary_key=True),
    Column("object", PlainText(), nullable=False),
    Column("caller", PlainText(), nullable=False),  # Principal.key of who asked for it
    Column("started_by", Id()),
    Column("locale", PlainText(), nullable=False),
    Column("state", PlainText(), nullable=False),  # writing, finished, failed, cancelled, expired
    Column("format", PlainText(), nullable=False),
    Column("asked", Json(), nullable=False),  # {"criteria", "fields", "sort", "q"}
    Column("for_import", Boolean, nullable=False),
    Column("filename", PlainText(), nullable=False),
    Column("done", Integer, nullable=False),
    Column("count", Integer, nullable=False),  # rows at the beginning
    Column("size", BigInteger),
    Column("problem", Json()),  # {"code", "params"} when it failed
    Column("job_id", Id()),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("finished_at", UtcDateTime()),
    Column("expires_at", UtcDateTime()),
    Index("export_run_newest", "caller", "created_at", "id"),
    Index("export_run_expiry", "expires_at"),
)
