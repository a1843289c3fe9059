"""Attached files."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import BigId, Id, PlainText, UtcDateTime

revision = "customer0004"
down_revision = "customer0003"


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", Id(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("column", PlainText(), nullable=False),
        sa.Column("record_id", Id(), nullable=True),
        sa.Column("caller", PlainText(), nullable=False),
        sa.Column("name", PlainText(), nullable=False),
        sa.Column("media_type", PlainText(), nullable=False),
        sa.Column("size", BigId(), nullable=False),
        sa.Column("sha256", PlainText(), nullable=False),
        sa.Column("state", PlainText(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("attachment_age", "attachment", ["state", "changed_at"], unique=False)
    op.create_index("attachment_record", "attachment", ["record_id"], unique=False)


def downgrade() -> None:
    op.drop_table("attachment")
