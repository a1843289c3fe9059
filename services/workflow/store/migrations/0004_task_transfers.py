"""Which tasks went from whom to whom with a hand-over."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, PlainText

revision = "workflow0004"
down_revision = "workflow0003"


def upgrade() -> None:
    op.create_table(
        "task_transfer",
        sa.Column("transfer_id", Id(), nullable=False),
        sa.Column("task_id", Id(), nullable=False),
        sa.Column("from_id", Id(), nullable=False),
        sa.Column("to_id", Id(), nullable=False),
        sa.Column("undone", PlainText(), nullable=True),
        sa.PrimaryKeyConstraint("transfer_id", "task_id"),
    )


def downgrade() -> None:
    op.drop_table("task_transfer")
