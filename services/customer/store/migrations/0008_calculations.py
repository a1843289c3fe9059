"""Calculated fields: what is to be calculated anew, and for which day."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import BigId, Id, PlainText

revision = "customer0008"
down_revision = "customer0007"


def upgrade() -> None:
    op.create_table(
        "calculation_due",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("path", PlainText(), nullable=False),
        sa.Column("key", Id(), nullable=False),
        sa.Column("child", PlainText(), nullable=True),
        sa.Column("after", Id(), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("rules", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "calculation_day",
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("day", PlainText(), nullable=False),
        sa.PrimaryKeyConstraint("object"),
    )
