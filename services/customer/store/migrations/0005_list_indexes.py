"""Shapes of lists and the indexes that follow them."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import BigId, Json, PlainText, UtcDateTime

revision = "customer0005"
down_revision = "customer0004"


def upgrade() -> None:
    op.create_table(
        "list_shape",
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("key", PlainText(), nullable=False),
        sa.Column("shape", Json(), nullable=False),
        sa.Column("asked", BigId(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("object", "key"),
    )
    op.create_table(
        "list_index",
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("name", PlainText(), nullable=False),
        sa.Column("shape", Json(), nullable=False),
        sa.Column("asked", BigId(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("object", "name"),
    )


def downgrade() -> None:
    op.drop_table("list_index")
    op.drop_table("list_shape")
