"""Notifications, inbox, deliveries, preferences, templates."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, Json, PlainText, UtcDateTime

revision = "notify0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", Id(), nullable=False),
        sa.Column("user_id", Id(), nullable=False),
        sa.Column("channel", PlainText(), nullable=False),
        sa.Column("group_key", PlainText(), nullable=False),
        sa.Column("template", PlainText(), nullable=False),
        sa.Column("params", Json(), nullable=False),
        sa.Column("link", Json(), nullable=True),
        sa.Column("bulk", PlainText(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("status", PlainText(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("latest_at", UtcDateTime(), nullable=False),
        sa.Column("answer", PlainText(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_id", "channel", "group_key", name="delivery_once"),
    )
    op.create_index("delivery_bulk", "delivery", ["bulk"], unique=False)
    op.create_index("delivery_due", "delivery", ["status", "due_at"], unique=False)
    op.create_index("delivery_newest", "delivery", ["created_at", "id"], unique=False)
    op.create_table(
        "digest_part",
        sa.Column("user_id", Id(), nullable=False),
        sa.Column("group_key", PlainText(), nullable=False),
        sa.Column("template", PlainText(), nullable=False),
        sa.Column("params", Json(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "group_key", "template"),
    )
    op.create_index(("ix_digest_part_updated_at"), "digest_part", ["updated_at"], unique=False)
    op.create_table(
        "inbox_item",
        sa.Column("id", Id(), nullable=False),
        sa.Column("user_id", Id(), nullable=False),
        sa.Column("group_key", PlainText(), nullable=False),
        sa.Column("template", PlainText(), nullable=False),
        sa.Column("params", Json(), nullable=False),
        sa.Column("link", Json(), nullable=True),
        sa.Column("bulk", PlainText(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_id", "group_key", name="inbox_item_group"),
    )
    op.create_index("inbox_item_changes", "inbox_item", ["updated_at"], unique=False)
    op.create_index("inbox_item_newest", "inbox_item", ["user_id", "updated_at", "id"], unique=False)
    op.create_table(
        "notification",
        sa.Column("id", Id(), nullable=False),
        sa.Column("user_id", Id(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", "user_id"),
    )
    op.create_index(("ix_notification_received_at"), "notification", ["received_at"], unique=False)
    op.create_table(
        "preference",
        sa.Column("user_id", Id(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("user_id"),
    )
    op.create_table(
        "template",
        sa.Column("key", PlainText(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )


def downgrade() -> None:
    op.drop_table("template")
    op.drop_table("preference")
    op.drop_table("notification")
    op.drop_table("inbox_item")
    op.drop_table("digest_part")
    op.drop_table("delivery")
