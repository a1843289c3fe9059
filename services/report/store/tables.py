"""The tables of the report service: dashboards, when they are sent, files that were made, and what analyses are there.
Records and their scores are elsewhere: in the read model, which is a file of its own.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, Table

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

board_schedule = Table(
    "board_schedule", metadata,
    Column("id", Id(), primary_key=True),
    Column("dashboard_id", Id(), nullable=False),
    Column("every", PlainText(), nullable=False),  # day, week, month
    Column("weekday", Integer),
    Column("day", Integer),
    Column("at", PlainText(), nullable=False),  # 08:30
    Column("timezone", PlainText(), nullable=False),
    Column("recipients", Json(), nullable=False),  # ids of users
    Column("format", PlainText(), nullable=False, server_default="xlsx"),
    Column("enabled", Boolean, nullable=False),
    Column("owner_id", Id()),
    Column("next_at", UtcDateTime(), nullable=False),
    Column("last_at", UtcDateTime()),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
    Index("board_schedule_due", "enabled", "next_at"),
    Index("board_schedule_board", "dashboard_id", "created_at", "id"),
)

board_file = Table(
    "board_file", metadata,
    Column("id", Id(), primary_key=True),
    Column("dashboard_id", Id(), nullable=False),
    Column("user_id", Id(), nullable=False),  # for whom it was made; nobody else gets it
    Column("name", PlainText(), nullable=False),
    Column("media_type", PlainText(), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    Index("board_file_age", "created_at"),
)

analysis = Table(
    "analysis", metadata,
    Column("id", Id(), primary_key=True),
    Column("key", PlainText(), unique=True),  # what a pack knows it by
    Column("name", Json(), nullable=False),
    Column("kind", PlainText(), nullable=False),  # value, win, forecast, basket
    Column("mapping", Json(), nullable=False),  # which objects and fields it looks at
    Column("every", PlainText(), nullable=False),  # day, week, month
    Column("enabled", Boolean, nullable=False),
    Column("position", Integer, nullable=False),
    Column("next_at", UtcDateTime(), nullable=False),
    Column("model_number", Integer),  # the version that answers
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
    Index("analysis_due", "enabled", "next_at"),
    Index("analysis_order", "position", "id"),
)

analysis_model = Table(
    "analysis_model", metadata,
    Column("analysis_id", Id(), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("state", PlainText(), nullable=False),  # training, ready, too_little, misfit, failed
    Column("mapping", Json(), nullable=False),  # as it was when this version was trained
    Column("parameters", Json()),
    Column("card", Json()),  # what is told about it, and how it would have done
    Column("scored", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("trained_at", UtcDateTime(), nullable=False),
)
