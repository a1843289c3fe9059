"""The tables of sharing, and of masked values that somebody asked to see."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, Table

from chassis.db.types import Id, Json, PlainText, UtcDateTime
from services.customer.store.tables import metadata

record_share = Table(
    "record_share", metadata,
    Column("id", Id(), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("object", PlainText(), nullable=False),
    Column("record_id", Id(), nullable=False),
    Column("grantee", PlainText(), nullable=False),  # user:<id>, role:<id>, department:<id>, department_and_below:<id>
    Column("level", PlainText(), nullable=False),  # read, write
    Column("team", PlainText()),  # what a member of the record's team does there; null: a share
    Column("expires_at", UtcDateTime()),
    Column("by_id", Id()),
    Column("by_name", PlainText()),
    Column("at", UtcDateTime(), nullable=False),
    Index("record_share_once", "record_id", "grantee", unique=True),
    Index("record_share_grantee", "object", "grantee", "record_id"),
    Index("record_share_expiry", "expires_at"),
)

sharing_rule = Table(
    "sharing_rule", metadata,
    Column("id", Id(), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("object", PlainText(), nullable=False),
    Column("name", Json(), nullable=False),
    Column("criteria", Json(), nullable=False),
    Column("grantees", Json(), nullable=False),
    Column("level", PlainText(), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("pool_id", Id()),  # the rule belongs to a pool
    Column("masked", Json()),  # fields that are masked in records seen by this rule alone
    Column("updated_by", Id()),
    Column("updated_at", UtcDateTime(), nullable=False),
    Index("sharing_rule_object", "object", "id"),
)

shared_object = Table(
    "shared_object", metadata,
    Column("object", PlainText(), primary_key=True),  # whose records have been shared by themselves
)

unmasking = Table(
    "unmasking", metadata,
    Column("id", Id(), primary_key=True),
    Column("by_id", Id(), nullable=False),
    Column("object", PlainText(), nullable=False),
    Column("record_id", Id(), nullable=False),
    Column("field", PlainText(), nullable=False),
    Column("reason", PlainText(), nullable=False),
    Column("at", UtcDateTime(), nullable=False),
    Index("unmasking_person", "by_id", "at"),
)
