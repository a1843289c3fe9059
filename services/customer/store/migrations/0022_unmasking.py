"""Masked values that somebody had shown."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, PlainText, UtcDateTime

revision = "customer0022"
down_revision = "customer0021"


def upgrade() -> None:
    op.create_table(
        "unmasking",
        sa.Column("id", Id(), nullable=False),
        sa.Column("by_id", Id(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("record_id", Id(), nullable=False),
        sa.Column("field", PlainText(), nullable=False),
        sa.Column("reason", PlainText(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("unmasking_person", "unmasking", ["by_id", "at"])


def downgrade() -> None:
    op.drop_table("unmasking")
