"""The tables of public pools."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, Table

from chassis.db.types import Id, Json, PlainText, UtcDateTime
from services.customer.store.tables import metadata

pool = Table(
    "pool", metadata,
    Column("id", Id(), primary_key=True),
    Column("object", PlainText(), nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", Json(), nullable=False),
    Column("member_rule_id", Id(), nullable=False),  # the sharing rules that show members and managers what lies in it
    Column("manager_rule_id", Id(), nullable=False),
    Column("updated_by", Id()),
    Column("updated_at", UtcDateTime(), nullable=False),
    Index("pool_object", "object", "id"),
)

pool_passage = Table(
    "pool_passage", metadata,
    Column("id", Id(), primary_key=True),
    Column("object", PlainText(), nullable=False),
    Column("record_id", Id(), nullable=False),
    Column("pool_id", Id(), nullable=False),
    Column("action", PlainText(), nullable=False),  # claimed, assigned, returned, moved, put
    Column("person_id", Id()),  # who got the record, or lost it
    Column("by_id", Id()),
    Column("automatic", Boolean, nullable=False),
    Column("reason", PlainText()),
    Column("at", UtcDateTime(), nullable=False),
    Index("pool_passage_record", "record_id", "at"),
    Index("pool_passage_person", "person_id", "pool_id", "at"),
    Index("pool_passage_pool", "pool_id", "at", "id"),
)

pool_warning = Table(
    "pool_warning", metadata,
    Column("record_id", Id(), primary_key=True),
    Column("owner_id", Id(), nullable=False),
    Column("at", UtcDateTime(), nullable=False),  # a follow-up or a new owner since then makes it void
)

pool_return_run = Table(
    "pool_return_run", metadata,
    Column("pool_id", Id(), primary_key=True),
    Column("job_id", Id(), nullable=False),
    Column("started_at", UtcDateTime(), nullable=False),
    Column("finished_at", UtcDateTime()),
    Column("tally", Json(), nullable=False),  # {"returned", "warned"} of the latest run
)
