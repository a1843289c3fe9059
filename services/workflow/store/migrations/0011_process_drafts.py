"""Drafts: the next version of a process while it is drawn."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, PlainText, UtcDateTime

revision = "workflow0011"
down_revision = "workflow0010"


def upgrade() -> None:
    op.create_table(
        "process_draft",
        sa.Column("process_id", Id(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("xml", PlainText(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by_id", Id(), nullable=True),
        sa.Column("by_name", PlainText(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("process_id"),
    )


def downgrade() -> None:
    op.drop_table("process_draft")
