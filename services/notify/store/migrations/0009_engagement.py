"""Opens and clicks of campaigns, counted where they are switched on, and who wants none of his counted."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, PlainText, UtcDateTime

revision = "notify0009"
down_revision = "notify0008"


def upgrade() -> None:
    op.add_column("campaign", sa.Column("tracked", sa.Boolean(), nullable=False, server_default=sa.false()))
    for name in ("opened", "clicked"):
        op.add_column("campaign", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
        op.add_column("customer_mail", sa.Column(f"{name}_at", UtcDateTime(), nullable=True))
    op.create_table(
        "engagement",
        sa.Column("message_id", Id(), nullable=False),
        sa.Column("link", PlainText(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", "link"),
    )
    op.create_index("ix_engagement_first_at", "engagement", ["first_at"])
    op.create_table(
        "campaign_link",
        sa.Column("campaign_id", Id(), nullable=False),
        sa.Column("link", PlainText(), nullable=False),
        sa.Column("url", PlainText(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("clicks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "link"),
    )
    op.create_table(
        "uncounted",
        sa.Column("digest", PlainText(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )


def downgrade() -> None:
    for name in ("uncounted", "campaign_link", "engagement"):
        op.drop_table(name)
    for name in ("opened", "clicked"):
        op.drop_column("customer_mail", f"{name}_at")
        op.drop_column("campaign", name)
    op.drop_column("campaign", "tracked")
