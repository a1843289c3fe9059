"""Dashboards."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, Json, PlainText, UtcDateTime

revision = "report0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "dashboard",
        sa.Column("id", Id(), nullable=False),
        sa.Column("key", PlainText(), nullable=True),
        sa.Column("name", Json(), nullable=False),
        sa.Column("description", Json(), nullable=True),
        sa.Column("visibility", PlainText(), nullable=False),
        sa.Column("role_keys", Json(), nullable=False),
        sa.Column("owner_id", Id(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("widgets", Json(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("dashboard_order", "dashboard", ["position", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("dashboard")
