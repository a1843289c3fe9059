"""What people have agreed to and taken back, append only: the latest line of a purpose counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Boolean, Column, Connection, PrimaryKeyConstraint, Row, Table, select

from chassis.db.types import Id, PlainText, UtcDateTime
from services.customer.store.tables import metadata

MOST = 500

consent = Table(
    "consent", metadata,
    Column("record_id", Id(), nullable=False),
    Column("at", UtcDateTime(), nullable=False),
    Column("id", Id(), nullable=False),
    Column("object", PlainText(), nullable=False),
    Column("purpose", PlainText(), nullable=False),
    Column("granted", Boolean, nullable=False),  # false: taken back, or refused
    Column("source", PlainText(), nullable=False),  # where it was said: a form, a call, a letter
    Column("by_id", Id()),
    PrimaryKeyConstraint("record_id", "at", "id"),
)


def consents_of(connection: Connection, record_id: str) -> Sequence[Row[Any]]:
    """All lines of a record, the latest first."""
    query = select(consent).where(consent.c.record_id == record_id)
    return connection.execute(query.order_by(consent.c.at.desc(), consent.c.id.desc()).limit(MOST)).all()


def latest_of(connection: Connection, record_id: str, purpose: str) -> Row[Any] | None:
    """The line of a purpose that counts."""
    query = select(consent).where(consent.c.record_id == record_id, consent.c.purpose == purpose)
    return connection.execute(query.order_by(consent.c.at.desc(), consent.c.id.desc()).limit(1)).first()


def latest_among(connection: Connection, ids: Sequence[str], purpose: str) -> Mapping[str, Row[Any]]:
    """The line of a purpose that counts, by record."""
    query = select(consent).where(consent.c.record_id.in_(ids), consent.c.purpose == purpose)
    return {row.record_id: row for row in connection.execute(query.order_by(consent.c.at, consent.c.id))}
