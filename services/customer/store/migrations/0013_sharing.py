"""Sharing: rules over values, shares of single records and teams."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, Json, PlainText, UtcDateTime

revision = "customer0013"
down_revision = "customer0012"


def upgrade() -> None:
    op.create_table(
        "record_share",
        sa.Column("id", Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("record_id", Id(), nullable=False),
        sa.Column("grantee", PlainText(), nullable=False),
        sa.Column("level", PlainText(), nullable=False),
        sa.Column("team", PlainText(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("by_id", Id(), nullable=True),
        sa.Column("by_name", PlainText(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("record_share_once", "record_share", ["record_id", "grantee"], unique=True)
    op.create_index("record_share_grantee", "record_share", ["object", "grantee", "record_id"])
    op.create_index("record_share_expiry", "record_share", ["expires_at"])
    op.create_table(
        "sharing_rule",
        sa.Column("id", Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("name", Json(), nullable=False),
        sa.Column("criteria", Json(), nullable=False),
        sa.Column("grantees", Json(), nullable=False),
        sa.Column("level", PlainText(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("updated_by", Id(), nullable=True),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("sharing_rule_object", "sharing_rule", ["object", "id"])
    op.create_table(
        "shared_object",
        sa.Column("object", PlainText(), nullable=False),
        sa.PrimaryKeyConstraint("object"),
    )


def downgrade() -> None:
    op.drop_table("shared_object")
    op.drop_table("sharing_rule")
    op.drop_table("record_share")
