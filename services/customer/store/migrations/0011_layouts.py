"""Layouts of forms."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Json, PlainText, UtcDateTime

revision = "customer0011"
down_revision = "customer0010"


def upgrade() -> None:
    op.create_table(
        "layout_def",
        sa.Column("object", PlainText(), primary_key=True),
        sa.Column("key", PlainText(), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("layout_def")
