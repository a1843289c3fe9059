"""Dry runs: what a rule would have done over the last days, without doing it."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, Json, PlainText, UtcDateTime

revision = "workflow0009"
down_revision = "workflow0008"


def upgrade() -> None:
    op.create_table(
        "dry_run",
        sa.Column("id", Id(), nullable=False),
        sa.Column("caller", PlainText(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("rule", Json(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("reached", UtcDateTime(), nullable=False),
        sa.Column("state", PlainText(), nullable=False),
        sa.Column("stopped", PlainText(), nullable=True),
        sa.Column("counts", Json(), nullable=False),
        sa.Column("notes", Json(), nullable=False),
        sa.Column("problem", PlainText(), nullable=True),
        sa.Column("job_id", Id(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("dry_run_of_caller", "dry_run", ["caller", "state"])
    op.create_index("dry_run_age", "dry_run", ["created_at"])
    op.create_table(
        "dry_run_hit",
        sa.Column("run_id", Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("record_id", Id(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "number"),
    )
    op.create_index("dry_run_hit_of_record", "dry_run_hit", ["record_id"])


def downgrade() -> None:
    op.drop_table("dry_run_hit")
    op.drop_table("dry_run")
