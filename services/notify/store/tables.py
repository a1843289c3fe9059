"""The tables of the notify service.

`notification` remembers each wish (never twice); `inbox_item` is what a person sees; `delivery` is one message by one
outside channel, with what became of it. What belongs to one bulk operation is one group; `digest_part` counts what is
in it, template by template.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, MetaData, Table, UniqueConstraint

from chassis.db.types import Id, Json, PlainText, UtcDateTime

metadata = MetaData()

notification = Table(
    "notification", metadata,
    Column("id", Id(), primary_key=True),
    Column("user_id", Id(), primary_key=True),
    Column("received_at", UtcDateTime(), nullable=False, index=True),
)

inbox_item = Table(
    "inbox_item", metadata,
    Column("id", Id(), primary_key=True),
    Column("user_id", Id(), nullable=False),
    Column("group_key", PlainText(), nullable=False),  # the bulk operation, or the notification's own id
    Column("template", PlainText(), nullable=False),
    Column("params", Json(), nullable=False),
    Column("link", Json()),
    Column("bulk", PlainText()),
    Column("count", Integer, nullable=False),
    Column("read_at", UtcDateTime()),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
    UniqueConstraint("user_id", "group_key", name="inbox_item_group"),
    Index("inbox_item_newest", "user_id", "updated_at", "id"),
    Index("inbox_item_changes", "updated_at"),
)

delivery = Table(
    "delivery", metadata,
    Column("id", Id(), primary_key=True),
    Column("user_id", Id(), nullable=False),
    Column("channel", PlainText(), nullable=False),
    Column("group_key", PlainText(), nullable=False),
    Column("template", PlainText(), nullable=False),
    Column("params", Json(), nullable=False),
    Column("link", Json()),
    Column("bulk", PlainText()),
    Column("count", Integer, nullable=False),
    Column("status", PlainText(), nullable=False),  # waiting, sending, sent, failed, skipped, uncertain
    Column("attempts", Integer, nullable=False),
    Column("due_at", UtcDateTime(), nullable=False),
    Column("latest_at", UtcDateTime(), nullable=False),  # a digest waits no longer than this
    Column("answer", PlainText()),  # what the other side said
    Column("created_at", UtcDateTime(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
    UniqueConstraint("user_id", "channel", "group_key", name="delivery_once"),
    Index("delivery_due", "status", "due_at"),
    Index("delivery_bulk", "bulk"),
    Index("delivery_newest", "created_at", "id"),
)

digest_part = Table(
    "digest_part", metadata,
    Column("user_id", Id(), primary_key=True),
    Column("group_key", PlainText(), primary_key=True),
    Column("template", PlainText(), primary_key=True),
    Column("params", Json(), nullable=False),  # of the first notification
    Column("count", Integer, nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False, index=True),
)

preference = Table(
    "preference", metadata,
    Column("user_id", Id(), primary_key=True),
    Column("body", Json(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
)

template = Table(
    "template", metadata,
    Column("key", PlainText(), primary_key=True),
    Column("body", Json(), nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
)
