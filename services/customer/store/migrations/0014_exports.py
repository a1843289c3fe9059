"""Exports that are written in the background."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, Json, PlainText, UtcDateTime

revision = "customer0014"
down_revision = "customer0013"


def upgrade() -> None:
    op.create_table(
        "export_run",
        sa.Column("id", Id(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("caller", PlainText(), nullable=False),
        sa.Column("started_by", Id(), nullable=True),
        sa.Column("locale", PlainText(), nullable=False),
        sa.Column("state", PlainText(), nullable=False),
        sa.Column("format", PlainText(), nullable=False),
        sa.Column("asked", Json(), nullable=False),
        sa.Column("for_import", sa.Boolean(), nullable=False),
        sa.Column("filename", PlainText(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("problem", Json(), nullable=True),
        sa.Column("job_id", Id(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("export_run_newest", "export_run", ["caller", "created_at", "id"])
    op.create_index("export_run_expiry", "export_run", ["expires_at"])


def downgrade() -> None:
    op.drop_table("export_run")
