"""Pieces of imports whose search entries are still to be made."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import BigId, Id, Json, PlainText, UtcDateTime

revision = "customer0010"
down_revision = "customer0009"


def upgrade() -> None:
    op.create_table(
        "search_due",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("bulk", Id(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("records", Json(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    op.drop_table("search_due")
