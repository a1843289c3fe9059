"""Analyses, and the versions of what they have learned."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, Json, PlainText, UtcDateTime

revision = "report0003"
down_revision = "report0002"


def upgrade() -> None:
    op.create_table(
        "analysis",
        sa.Column("id", Id(), nullable=False),
        sa.Column("key", PlainText(), nullable=True),
        sa.Column("name", Json(), nullable=False),
        sa.Column("kind", PlainText(), nullable=False),
        sa.Column("mapping", Json(), nullable=False),
        sa.Column("every", PlainText(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("model_number", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("analysis_due", "analysis", ["enabled", "next_at"], unique=False)
    op.create_index("analysis_order", "analysis", ["position", "id"], unique=False)
    op.create_table(
        "analysis_model",
        sa.Column("analysis_id", Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", PlainText(), nullable=False),
        sa.Column("mapping", Json(), nullable=False),
        sa.Column("parameters", Json(), nullable=True),
        sa.Column("card", Json(), nullable=True),
        sa.Column("scored", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("trained_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("analysis_id", "number"),
    )


def downgrade() -> None:
    op.drop_table("analysis_model")
    op.drop_table("analysis")
