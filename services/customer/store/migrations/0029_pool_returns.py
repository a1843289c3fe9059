"""Records that go back to their pool by themselves: who was warned, and how far the present run has come."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, Json, UtcDateTime

revision = "customer0029"
down_revision = "customer0028"


def upgrade() -> None:
    op.create_table(
        "pool_warning",
        sa.Column("record_id", Id(), nullable=False),
        sa.Column("owner_id", Id(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("record_id"),
    )
    op.create_table(
        "pool_return_run",
        sa.Column("pool_id", Id(), nullable=False),
        sa.Column("job_id", Id(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("tally", Json(), nullable=False),
        sa.PrimaryKeyConstraint("pool_id"),
    )


def downgrade() -> None:
    op.drop_table("pool_return_run")
    op.drop_table("pool_warning")
