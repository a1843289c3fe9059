"""Rules of retention: what goes, or loses its person, after how many days."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, Json, PlainText, UtcDateTime

revision = "customer0024"
down_revision = "customer0023"


def upgrade() -> None:
    op.create_table(
        "retention_rule",
        sa.Column("id", Id(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("criteria", Json(), nullable=False),
        sa.Column("field", PlainText(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("action", PlainText(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("last_run_at", UtcDateTime(), nullable=True),
        sa.Column("last_run", Json(), nullable=True),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
