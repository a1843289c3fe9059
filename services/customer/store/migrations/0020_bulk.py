"""Bulk jobs: what is done with all records that match, and what is needed to undo it."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, Json, PlainText, UtcDateTime

revision = "customer0020"
down_revision = "customer0019"


def upgrade() -> None:
    op.create_table(
        "bulk_run",
        sa.Column("id", Id(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("caller", PlainText(), nullable=False),
        sa.Column("started_by", Id(), nullable=True),
        sa.Column("locale", PlainText(), nullable=False),
        sa.Column("action", PlainText(), nullable=False),
        sa.Column("values", Json(), nullable=False),
        sa.Column("criteria", Json(), nullable=True),
        sa.Column("q", PlainText(), nullable=True),
        sa.Column("until", Id(), nullable=False),
        sa.Column("state", PlainText(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("counts", Json(), nullable=False),
        sa.Column("undo", Json(), nullable=True),
        sa.Column("problem", Json(), nullable=True),
        sa.Column("job_id", Id(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("bulk_run_newest", "bulk_run", ["caller", "created_at", "id"])
    op.create_table(
        "bulk_chunk",
        sa.Column("bulk_id", Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("written", Json(), nullable=False),
        sa.PrimaryKeyConstraint("bulk_id", "number"),
    )
    for name, column in (("bulk_refused", sa.Column("problem", Json(), nullable=False)),
                         ("bulk_kept", sa.Column("code", PlainText(), nullable=False))):
        op.create_table(
            name,
            sa.Column("bulk_id", Id(), nullable=False),
            sa.Column("number", sa.Integer(), nullable=False),
            sa.Column("record_id", Id(), nullable=False),
            column,
            sa.PrimaryKeyConstraint("bulk_id", "number"),
        )


def downgrade() -> None:
    for name in ("bulk_kept", "bulk_refused", "bulk_chunk", "bulk_run"):
        op.drop_table(name)
