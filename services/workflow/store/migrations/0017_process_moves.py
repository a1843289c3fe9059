"""Running instances move to another version of their process."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, Json, PlainText, UtcDateTime

revision = "workflow0017"
down_revision = "workflow0016"
_RUNS = sa.text("state = 'running'")


def upgrade() -> None:
    op.create_table(
        "process_move",
        sa.Column("id", Id(), nullable=False),
        sa.Column("process_id", Id(), nullable=False),
        sa.Column("sources", Json(), nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("mapping", Json(), nullable=False),
        sa.Column("state", PlainText(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("counts", Json(), nullable=False),
        sa.Column("job_id", Id(), nullable=False),
        sa.Column("by_id", Id(), nullable=True),
        sa.Column("by_name", PlainText(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("process_move_of_process", "process_move", ["process_id", "id"])
    op.create_table(
        "process_move_result",
        sa.Column("move_id", Id(), nullable=False),
        sa.Column("instance_id", Id(), nullable=False),
        sa.Column("outcome", PlainText(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reasons", Json(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("move_id", "instance_id"),
    )
    op.create_index("process_move_result_outcome", "process_move_result", ["move_id", "outcome", "instance_id"])
    op.create_index("process_instance_runs", "process_instance", ["process_id", "process_version", "id"],
                    sqlite_where=_RUNS, postgresql_where=_RUNS)


def downgrade() -> None:
    op.drop_index("process_instance_runs", "process_instance")
    op.drop_table("process_move_result")
    op.drop_table("process_move")
