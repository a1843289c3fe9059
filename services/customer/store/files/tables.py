"""What is known of attached files, beside the lists that records hold."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table

from chassis.db.types import BigId, Id, PlainText, UtcDateTime
from services.customer.store.tables import metadata

attachment = Table(
    "attachment", metadata,
    Column("id", Id(), primary_key=True),
    Column("object", PlainText(), nullable=False),
    Column("column", PlainText(), nullable=False),  # of the field; its name may come back for another one
    Column("record_id", Id()),
    Column("caller", PlainText(), nullable=False),
    Column("name", PlainText(), nullable=False),
    Column("media_type", PlainText(), nullable=False),
    Column("size", BigId(), nullable=False),
    Column("sha256", PlainText(), nullable=False),
    Column("state", PlainText(), nullable=False),  # receiving, waiting, attached, dropped
    Column("created_at", UtcDateTime(), nullable=False),
    Column("changed_at", UtcDateTime(), nullable=False),
    Index("attachment_age", "state", "changed_at"),
    Index("attachment_record", "record_id"),
)
