"""Absences with the deputies who stand in; tasks know whom they are done for."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, UtcDateTime

revision = "workflow0008"
down_revision = "workflow0007"


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("id", Id(), nullable=False),
        sa.Column("person_id", Id(), nullable=False),
        sa.Column("deputy_id", Id(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("by_id", Id()),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("absence_of_person", "absence", ["person_id", "ends_at"])
    op.create_index("absence_of_deputy", "absence", ["deputy_id", "ends_at"])
    op.create_index("absence_now", "absence", ["ends_at", "starts_at"])
    op.add_column("task", sa.Column("for_id", Id()))
    op.create_index("task_for_somebody", "task", ["for_id", "state", "due_sort", "id"])


def downgrade() -> None:
    op.drop_index("task_for_somebody", "task")
    op.drop_column("task", "for_id")
    op.drop_table("absence")
