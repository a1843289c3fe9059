"""Saved views, and what each person made of them."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, Json, PlainText, UtcDateTime

revision = "customer0019"
down_revision = "customer0018"


def upgrade() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", Id(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("key", PlainText(), nullable=True),
        sa.Column("name", Json(), nullable=False),
        sa.Column("kind", PlainText(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.Column("visibility", PlainText(), nullable=False),
        sa.Column("role_keys", Json(), nullable=False),
        sa.Column("department_ids", Json(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("owner_id", Id(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("saved_view_order", "saved_view", ["object", "position", "id"])
    op.create_index("saved_view_key", "saved_view", ["key"], unique=True)
    op.create_table(
        "view_choice",
        sa.Column("caller", PlainText(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("default_id", Id(), nullable=True),
        sa.Column("pinned", Json(), nullable=False),
        sa.Column("order", Json(), nullable=False),
        sa.PrimaryKeyConstraint("caller", "object"),
    )


def downgrade() -> None:
    op.drop_table("view_choice")
    op.drop_table("saved_view")
