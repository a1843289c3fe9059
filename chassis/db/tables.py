"""The chassis' own tables, present in the database of every service."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, Table

from chassis.db.types import BigId, Id, Json, PlainText, UtcDateTime

metadata = MetaData()

outbox = Table(
    "outbox", metadata,
    Column("id", BigId(), primary_key=True, autoincrement=True),
    Column("type", PlainText(), nullable=False),
    Column("queue", PlainText()),  # set when a dead letter is replayed to one queue only
    Column("body", PlainText(), nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    sqlite_autoincrement=True,
)

inbox = Table(
    "inbox", metadata,
    Column("consumer", PlainText(), primary_key=True),
    Column("message_id", Id(), primary_key=True),
    Column("received_at", UtcDateTime(), nullable=False, index=True),
)

dead_letter = Table(
    "dead_letter", metadata,
    Column("id", Id(), primary_key=True),
    Column("queue", PlainText(), nullable=False),
    Column("message_id", Id(), nullable=False),
    Column("type", PlainText(), nullable=False),
    Column("body", PlainText(), nullable=False),
    Column("error", PlainText(), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("dead_at", UtcDateTime(), nullable=False),
    Column("replayed_at", UtcDateTime()),
    Index("dead_letter_message", "queue", "message_id", unique=True),
)

idempotency = Table(
    "idempotency", metadata,
    Column("caller", PlainText(), primary_key=True),
    Column("key", PlainText(), primary_key=True),
    Column("request", PlainText(), nullable=False),  # digest of method, path and body
    Column("status", Integer),
    Column("headers", Json()),
    Column("body", PlainText()),
    Column("created_at", UtcDateTime(), nullable=False, index=True),
)

job = Table(
    "job", metadata,
    Column("id", Id(), primary_key=True),
    Column("kind", PlainText(), nullable=False),
    Column("state", PlainText(), nullable=False),  # queued, running, done, failed, cancelled
    Column("payload", Json(), nullable=False),
    Column("progress", Json()),
    Column("error", PlainText()),
    Column("attempts", Integer, nullable=False),
    Column("lease_owner", PlainText()),
    Column("lease_until", UtcDateTime()),
    Column("cause", Json(), nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
    Index("job_waiting", "state", "created_at"),
)

schedule_state = Table(
    "schedule_state", metadata,
    Column("name", PlainText(), primary_key=True),
    Column("last_run_at", UtcDateTime(), nullable=False),
    Column("error", PlainText()),
)

directory_entity = Table(
    "directory_entity", metadata,
    Column("kind", PlainText(), primary_key=True),  # user, department, role
    Column("id", Id(), primary_key=True),
    Column("version", BigId(), nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("body", Json(), nullable=False),
)

revoked_session = Table(
    "revoked_session", metadata,
    Column("session_id", Id(), primary_key=True),
    Column("revoked_at", UtcDateTime(), nullable=False, index=True),
)

directory_state = Table(
    "directory_state", metadata,
    Column("id", Integer, primary_key=True),
    Column("version", BigId(), nullable=False),  # grows with every change that this database has taken in
    Column("complete", Boolean, nullable=False),  # a whole snapshot has been taken once
)
