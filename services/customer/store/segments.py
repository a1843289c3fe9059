"""Segments as they are kept: definitions, present members, who came and went, and who is to be judged again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Index, Integer, PrimaryKeyConstraint, Row, Table, delete, select

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.db.types import BigId, Id, Json, PlainText, UtcDateTime
from chassis.ids import new_id
from services.customer.store.tables import metadata

BUILDING, READY = "building", "ready"

segment = Table(
    "segment", metadata,
    Column("id", Id(), primary_key=True),
    Column("object", PlainText(), nullable=False),
    Column("name", Json(), nullable=False),  # language → text
    Column("criteria", Json(), nullable=False),
    Column("state", PlainText(), nullable=False),  # building, ready
    Column("version", Integer, nullable=False),
    Column("created_by", Id()),
    Column("updated_at", UtcDateTime(), nullable=False),
    Index("segment_object", "object", "id"),
)

segment_member = Table(
    "segment_member", metadata,
    Column("record_id", Id(), nullable=False),
    Column("segment_id", Id(), nullable=False),
    Column("entered_at", UtcDateTime(), nullable=False),
    PrimaryKeyConstraint("record_id", "segment_id"),
    Index("segment_member_of", "segment_id", "record_id"),
)

segment_passage = Table(
    "segment_passage", metadata,
    Column("segment_id", Id(), nullable=False),
    Column("at", UtcDateTime(), nullable=False),
    Column("id", Id(), nullable=False),
    Column("record_id", Id(), nullable=False),
    Column("entered", Boolean, nullable=False),  # false: left
    PrimaryKeyConstraint("segment_id", "at", "id"),
    Index("segment_passage_record", "record_id"),
)

segment_due = Table(
    "segment_due", metadata,
    Column("id", BigId(), primary_key=True),
    Column("segment_id", Id(), nullable=False),
    Column("route", PlainText(), nullable=False),  # empty: the record itself; else those that reach it by this route
    Column("key", Id(), nullable=False),
    Column("after", Id()),  # how far many of them have come
    Column("depth", Integer, nullable=False),  # of the cause, so that rules cannot go in circles
    Column("rules", Boolean, nullable=False),
)


def segments_by_object(connection: Connection) -> dict[str, list[Row[Any]]]:
    """Object → its segments, in the order of their ids."""
    found: dict[str, list[Row[Any]]] = {}
    for row in connection.execute(select(segment).order_by(segment.c.object, segment.c.id)):
        found.setdefault(row.object, []).append(row)
    return found


def among_members(uow: UnitOfWork, segment_id: str, ids: Sequence[str]) -> set[str]:
    """Which of the records are in the segment."""
    query = select(segment_member.c.record_id).where(
        segment_member.c.segment_id == segment_id, segment_member.c.record_id.in_(ids))
    return set(uow.execute(query).scalars())


def enter(uow: UnitOfWork, segment_id: str, ids: Sequence[str]) -> None:
    """Take records into the segment."""
    now = utcnow()
    uow.insert_many(segment_member, [{"record_id": id, "segment_id": segment_id, "entered_at": now} for id in ids])
    _pass(uow, segment_id, ids, entered=True)


def leave(uow: UnitOfWork, segment_id: str, ids: Sequence[str]) -> None:
    """Take records out of the segment."""
    uow.execute(delete(segment_member).where(
        segment_member.c.segment_id == segment_id, segment_member.c.record_id.in_(ids)))
    _pass(uow, segment_id, ids, entered=False)


def _pass(uow: UnitOfWork, segment_id: str, ids: Iterable[str], *, entered: bool) -> None:
    now = utcnow()
    uow.insert_many(segment_passage, [{"segment_id": segment_id, "at": now, "id": new_id(), "record_id": id,
                                       "entered": entered} for id in ids])


def forget_segment(uow: UnitOfWork, segment_id: str) -> None:
    """Forget a segment, its members and their comings and goings."""
    for table in (segment_member, segment_passage, segment_due):
        uow.execute(delete(table).where(table.c.segment_id == segment_id))
    uow.execute(delete(segment).where(segment.c.id == segment_id))


def forget_segments_of(uow: UnitOfWork, object_name: str) -> None:
    """Forget the segments of an object that is gone."""
    for id in uow.execute(select(segment.c.id).where(segment.c.object == object_name)).scalars().all():
        forget_segment(uow, id)
