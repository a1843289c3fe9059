"""Accounts at providers of channels, how they fare, and where people are found there."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, Json, PlainText, UtcDateTime

revision = "notify0006"
down_revision = "notify0005"


def upgrade() -> None:
    op.create_table(
        "channel_account",
        sa.Column("channel", PlainText(), nullable=False),
        sa.Column("provider", PlainText(), nullable=False),
        sa.Column("address", PlainText(), nullable=True),
        sa.Column("settings", Json(), nullable=False),
        sa.Column("secret", PlainText(), nullable=False),
        sa.Column("per_second", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("channel"),
    )
    op.create_table(
        "channel_state",
        sa.Column("channel", PlainText(), nullable=False),
        sa.Column("booked_until", UtcDateTime(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("paused_until", UtcDateTime(), nullable=False),
        sa.Column("said", PlainText(), nullable=True),
        sa.Column("token", PlainText(), nullable=True),
        sa.Column("token_until", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("channel"),
    )
    op.create_table(
        "channel_address",
        sa.Column("user_id", Id(), nullable=False),
        sa.Column("channel", PlainText(), nullable=False),
        sa.Column("address", PlainText(), nullable=False),
        sa.Column("origin", PlainText(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "channel"),
    )
    op.create_index("channel_address_found", "channel_address", ["channel", "address"])
    op.create_index("delivery_channel_due", "delivery", ["channel", "status", "due_at"])
    op.create_index("delivery_person", "delivery", ["user_id", "channel", "status", "created_at"])


def downgrade() -> None:
    op.drop_index("delivery_person", "delivery")
    op.drop_index("delivery_channel_due", "delivery")
    op.drop_table("channel_address")
    op.drop_table("channel_state")
    op.drop_table("channel_account")
