"""Processes that rules have ordered to be started."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, Json, PlainText, UtcDateTime

revision = "workflow0007"
down_revision = "workflow0006"


def upgrade() -> None:
    op.create_table(
        "process_order",
        sa.Column("id", Id(), nullable=False),
        sa.Column("process", PlainText(), nullable=False),
        sa.Column("record_id", Id(), nullable=False),
        sa.Column("applicant_id", Id(), nullable=False),
        sa.Column("run_id", Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("cause", Json(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("process_order_due", "process_order", ["due_at"])


def downgrade() -> None:
    op.drop_table("process_order")
