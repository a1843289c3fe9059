"""Timers of processes and due times of tasks that count working time: what to count again when calendars change."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, PlainText

revision = "workflow0015"
down_revision = "workflow0014"


def upgrade() -> None:
    op.add_column("process_wait", sa.Column("counted", PlainText(), nullable=True))
    op.add_column("process_wait", sa.Column("department_id", Id(), nullable=True))
    op.add_column("task", sa.Column("due_in", PlainText(), nullable=True))
    _some("process_wait_counted", "process_wait", ["instance_id", "token", "node"], "counted IS NOT NULL")
    _some("task_counted", "task", ["id"], "due_in IS NOT NULL")
    op.create_table(
        "calendar_stand",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stand", PlainText(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _some(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    op.drop_table("calendar_stand")
    op.drop_index("task_counted", "task")
    op.drop_index("process_wait_counted", "process_wait")
    op.drop_column("task", "due_in")
    op.drop_column("process_wait", "department_id")
    op.drop_column("process_wait", "counted")
