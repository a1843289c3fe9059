"""The bin of records: each as it was when it was deleted, and the lists that named it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Row, Table, delete, select

from chassis.db import UnitOfWork
from chassis.db.types import Id, Json, PlainText, UtcDateTime
from services.customer.store.tables import metadata

record_bin = Table(
    "record_bin", metadata,
    Column("record_id", Id(), primary_key=True),
    Column("object", PlainText(), nullable=False),
    Column("at", UtcDateTime(), nullable=False),
    Column("by_id", Id()),
    Column("by_name", PlainText()),
    Column("owner_id", Id()),  # of the record, for the scopes of those who look into the bin
    Column("department_id", Id()),
    Column("record", Json(), nullable=False),  # in wire form
    Column("lists", Json(), nullable=False),  # [object, record, field, whole list] of each list that named it
    Column("pairs", Json()),  # its pairs of duplicates, see store.duplicates.pairs
    Column("with_id", Id()),  # the record that it was deleted with, as one of its lines
    Index("record_bin_newest", "object", "at", "record_id"),
    Index("record_bin_oldest", "at"),
    Index("record_bin_with", "with_id"),
)


def put_in_bin(uow: UnitOfWork, rows: Iterable[Mapping[str, Any]]) -> None:
    """Keep deleted records."""
    uow.insert_many(record_bin, list(rows))


def locked_in_bin(uow: UnitOfWork, object_name: str, record_id: str) -> Row[Any] | None:
    """One record of the bin, locked."""
    query = select(record_bin).where(record_bin.c.record_id == record_id, record_bin.c.object == object_name)
    return uow.execute(query.with_for_update()).first()


def lines_in_bin(uow: UnitOfWork, object_name: str, record_id: str, most: int) -> Sequence[Row[Any]]:
    """The lines of a kind that were deleted with a record, locked."""
    query = select(record_bin).where(record_bin.c.with_id == record_id, record_bin.c.object == object_name)
    return uow.execute(query.order_by(record_bin.c.record_id).limit(most).with_for_update()).all()


def take_from_bin(uow: UnitOfWork, ids: Sequence[str]) -> None:
    """Forget records of the bin."""
    uow.execute(delete(record_bin).where(record_bin.c.record_id.in_(ids)))


def take_lines_from_bin(uow: UnitOfWork, record_id: str) -> None:
    """Forget what was deleted with a record of the bin, lines of lines included."""
    ids = list(uow.execute(select(record_bin.c.record_id).where(record_bin.c.with_id == record_id)).scalars())
    take_from_bin(uow, ids)
    for one in ids:
        take_lines_from_bin(uow, one)


def old_in_bin(uow: UnitOfWork, before: datetime, most: int) -> list[str]:
    """The records that have been in the bin since before a moment, oldest first."""
    query = select(record_bin.c.record_id).where(record_bin.c.at < before).order_by(record_bin.c.at).limit(most)
    return list(uow.execute(query).scalars())
