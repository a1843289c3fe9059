"""Consents of people to purposes."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, PlainText, UtcDateTime

revision = "customer0023"
down_revision = "customer0022"


def upgrade() -> None:
    op.create_table(
        "consent",
        sa.Column("record_id", Id(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("purpose", PlainText(), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("source", PlainText(), nullable=False),
        sa.Column("by_id", Id(), nullable=True),
        sa.PrimaryKeyConstraint("record_id", "at", "id"),
    )
