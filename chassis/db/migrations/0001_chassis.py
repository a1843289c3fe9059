"""The chassis' tables: outbox, inbox, dead letters, idempotency, jobs, schedules, directory."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import BigId, Id, Json, PlainText, UtcDateTime

revision = "c0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "dead_letter",
        sa.Column("id", Id(), nullable=False),
        sa.Column("queue", PlainText(), nullable=False),
        sa.Column("message_id", Id(), nullable=False),
        sa.Column("type", PlainText(), nullable=False),
        sa.Column("body", PlainText(), nullable=False),
        sa.Column("error", PlainText(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("dead_at", UtcDateTime(), nullable=False),
        sa.Column("replayed_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("dead_letter_message", "dead_letter", ["queue", "message_id"], unique=True)
    op.create_table(
        "directory_entity",
        sa.Column("kind", PlainText(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("version", BigId(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id"),
    )
    op.create_table(
        "directory_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", BigId(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "idempotency",
        sa.Column("caller", PlainText(), nullable=False),
        sa.Column("key", PlainText(), nullable=False),
        sa.Column("request", PlainText(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", Json(), nullable=True),
        sa.Column("body", PlainText(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key"),
    )
    op.create_index(("ix_idempotency_created_at"), "idempotency", ["created_at"], unique=False)
    op.create_table(
        "inbox",
        sa.Column("consumer", PlainText(), nullable=False),
        sa.Column("message_id", Id(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "message_id"),
    )
    op.create_index(("ix_inbox_received_at"), "inbox", ["received_at"], unique=False)
    op.create_table(
        "job",
        sa.Column("id", Id(), nullable=False),
        sa.Column("kind", PlainText(), nullable=False),
        sa.Column("state", PlainText(), nullable=False),
        sa.Column("payload", Json(), nullable=False),
        sa.Column("progress", Json(), nullable=True),
        sa.Column("error", PlainText(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_owner", PlainText(), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("cause", Json(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("job_waiting", "job", ["state", "created_at"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", BigId(), autoincrement=True, nullable=False),
        sa.Column("type", PlainText(), nullable=False),
        sa.Column("queue", PlainText(), nullable=True),
        sa.Column("body", PlainText(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "revoked_session",
        sa.Column("session_id", Id(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("session_id"),
    )
    op.create_index(("ix_revoked_session_revoked_at"), "revoked_session", ["revoked_at"], unique=False)
    op.create_table(
        "schedule_state",
        sa.Column("name", PlainText(), nullable=False),
        sa.Column("last_run_at", UtcDateTime(), nullable=False),
        sa.Column("error", PlainText(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )


def downgrade() -> None:
    op.drop_table("schedule_state")
    op.drop_table("revoked_session")
    op.drop_table("outbox")
    op.drop_table("job")
    op.drop_table("inbox")
    op.drop_table("idempotency")
    op.drop_table("directory_state")
    op.drop_table("directory_entity")
    op.drop_table("dead_letter")
