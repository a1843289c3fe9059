"""When boards are sent, and the files that were made for people."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, Json, PlainText, UtcDateTime

revision = "report0002"
down_revision = "report0001"


def upgrade() -> None:
    op.create_table(
        "board_schedule",
        sa.Column("id", Id(), nullable=False),
        sa.Column("dashboard_id", Id(), nullable=False),
        sa.Column("every", PlainText(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("day", sa.Integer(), nullable=True),
        sa.Column("at", PlainText(), nullable=False),
        sa.Column("timezone", PlainText(), nullable=False),
        sa.Column("recipients", Json(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("owner_id", Id(), nullable=True),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("board_schedule_due", "board_schedule", ["enabled", "next_at"], unique=False)
    op.create_index("board_schedule_board", "board_schedule", ["dashboard_id", "created_at", "id"], unique=False)
    op.create_table(
        "board_file",
        sa.Column("id", Id(), nullable=False),
        sa.Column("dashboard_id", Id(), nullable=False),
        sa.Column("user_id", Id(), nullable=False),
        sa.Column("name", PlainText(), nullable=False),
        sa.Column("media_type", PlainText(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("board_file_age", "board_file", ["created_at"], unique=False)


def downgrade() -> None:
    op.drop_table("board_file")
    op.drop_table("board_schedule")
