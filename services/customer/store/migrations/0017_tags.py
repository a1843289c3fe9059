"""The tags of the company."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Json, PlainText, UtcDateTime

revision = "customer0017"
down_revision = "customer0016"


def upgrade() -> None:
    op.create_table(
        "tag",
        sa.Column("key", PlainText(), nullable=False),
        sa.Column("label", Json(), nullable=False),
        sa.Column("color", PlainText(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
