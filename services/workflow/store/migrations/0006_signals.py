"""Signals that processes have thrown and that not everybody has heard yet."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, PlainText, UtcDateTime

revision = "workflow0006"
down_revision = "workflow0005"


def upgrade() -> None:
    op.create_table(
        "process_signal",
        sa.Column("id", Id(), nullable=False),
        sa.Column("name", PlainText(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    op.drop_table("process_signal")
