"""Outgoing webhooks: addresses, what they are told, and what came of it."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, Json, PlainText, UtcDateTime

revision = "notify0002"
down_revision = "notify0001"


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", Id(), nullable=False),
        sa.Column("name", PlainText(), nullable=False),
        sa.Column("url", PlainText(), nullable=False),
        sa.Column("acts_as", Id(), nullable=False),
        sa.Column("kinds", Json(), nullable=False),
        sa.Column("objects", Json(), nullable=True),
        sa.Column("with_imports", sa.Boolean(), nullable=False),
        sa.Column("skip_own", sa.Boolean(), nullable=False),
        sa.Column("secrets", Json(), nullable=False),
        sa.Column("state", PlainText(), nullable=False),
        sa.Column("off_reason", PlainText(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", UtcDateTime(), nullable=True),
        sa.Column("paused_until", UtcDateTime(), nullable=False),
        sa.Column("leased_until", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "webhook_message",
        sa.Column("id", Id(), nullable=False),
        sa.Column("webhook_id", Id(), nullable=False),
        sa.Column("kind", PlainText(), nullable=False),
        sa.Column("object", PlainText(), nullable=True),
        sa.Column("record_id", Id(), nullable=True),
        sa.Column("change", Json(), nullable=True),
        sa.Column("status", PlainText(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("webhook_message_due", "webhook_message", ["webhook_id", "status", "due_at"])
    op.create_index("webhook_message_newest", "webhook_message", ["webhook_id", "created_at", "id"])
    op.create_index("ix_webhook_message_record_id", "webhook_message", ["record_id"])
    op.create_index("ix_webhook_message_created_at", "webhook_message", ["created_at"])
    op.create_table(
        "webhook_attempt",
        sa.Column("id", Id(), nullable=False),
        sa.Column("message_id", Id(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("answer", PlainText(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_webhook_attempt_message_id", "webhook_attempt", ["message_id"])
    op.create_index("ix_webhook_attempt_at", "webhook_attempt", ["at"])


def downgrade() -> None:
    op.drop_table("webhook_attempt")
    op.drop_table("webhook_message")
    op.drop_table("webhook")
