"""Which tasks a merge of records has moved."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id

revision = "workflow0003"
down_revision = "workflow0002"


def upgrade() -> None:
    op.create_table(
        "task_move",
        sa.Column("merge_id", Id(), nullable=False),
        sa.Column("task_id", Id(), nullable=False),
        sa.PrimaryKeyConstraint("merge_id", "task_id"),
    )


def downgrade() -> None:
    op.drop_table("task_move")
