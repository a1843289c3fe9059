"""Key tasks of stages, and what of their check lists is ticked."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, Json, PlainText, UtcDateTime

revision = "customer0034"
down_revision = "customer0033"


def upgrade() -> None:
    op.create_table(
        "stage_task",
        sa.Column("id", Id(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("record_id", Id(), nullable=False),
        sa.Column("field", PlainText(), nullable=False),
        sa.Column("stage", PlainText(), nullable=False),
        sa.Column("title", Json(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("state", PlainText(), nullable=False),
        sa.Column("assignee_id", Id(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("stage_task_of_record", "stage_task", ["record_id", "field"])
    op.create_table(
        "stage_tick",
        sa.Column("record_id", Id(), nullable=False),
        sa.Column("field", PlainText(), nullable=False),
        sa.Column("stage", PlainText(), nullable=False),
        sa.Column("key", PlainText(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by_id", Id(), nullable=True),
        sa.Column("by_name", PlainText(), nullable=True),
        sa.PrimaryKeyConstraint("record_id", "field", "stage", "key"),
    )


def downgrade() -> None:
    op.drop_table("stage_tick")
    op.drop_index("stage_task_of_record", "stage_task")
    op.drop_table("stage_task")
