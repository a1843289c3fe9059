"""Hand-overs of everything that somebody owns."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, Json, PlainText, UtcDateTime

revision = "customer0030"
down_revision = "customer0029"


def upgrade() -> None:
    op.create_table(
        "handover",
        sa.Column("id", Id(), nullable=False),
        sa.Column("person_id", Id(), nullable=False),
        sa.Column("caller", PlainText(), nullable=False),
        sa.Column("started_by", Id(), nullable=True),
        sa.Column("locale", PlainText(), nullable=False),
        sa.Column("plan", Json(), nullable=False),
        sa.Column("tasks_with_records", sa.Boolean(), nullable=False),
        sa.Column("tasks_to", Id(), nullable=True),
        sa.Column("state", PlainText(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("counts", Json(), nullable=False),
        sa.Column("undo", Json(), nullable=True),
        sa.Column("problem", Json(), nullable=True),
        sa.Column("job_id", Id(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("handover_newest", "handover", ["created_at", "id"])
    op.create_table(
        "handover_chunk",
        sa.Column("handover_id", Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("written", Json(), nullable=False),
        sa.PrimaryKeyConstraint("handover_id", "number"),
    )
    op.create_table(
        "handover_kept",
        sa.Column("handover_id", Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("record_id", Id(), nullable=False),
        sa.Column("code", PlainText(), nullable=False),
        sa.PrimaryKeyConstraint("handover_id", "number"),
    )


def downgrade() -> None:
    op.drop_table("handover_kept")
    op.drop_table("handover_chunk")
    op.drop_table("handover")
