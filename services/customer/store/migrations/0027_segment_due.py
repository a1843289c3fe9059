"""Records that segments are to judge again because related records have changed."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import BigId, Id, PlainText

revision = "customer0027"
down_revision = "customer0026"


def upgrade() -> None:
    op.create_table(
        "segment_due",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("segment_id", Id(), nullable=False),
        sa.Column("route", PlainText(), nullable=False),
        sa.Column("key", Id(), nullable=False),
        sa.Column("after", Id(), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("rules", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
