"""Campaigns; their messages stand among those to customers."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, Json, PlainText, UtcDateTime

revision = "notify0008"
down_revision = "notify0007"


def upgrade() -> None:
    op.add_column("customer_mail", sa.Column("campaign_id", Id(), nullable=True))
    op.create_index("customer_mail_campaign", "customer_mail", ["campaign_id", "status"])
    op.create_table(
        "campaign",
        sa.Column("id", Id(), nullable=False),
        sa.Column("name", PlainText(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("audience", Json(), nullable=False),
        sa.Column("field", PlainText(), nullable=False),
        sa.Column("template", PlainText(), nullable=False),
        sa.Column("letter", Json(), nullable=True),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("state", PlainText(), nullable=False),
        sa.Column("problem", PlainText(), nullable=True),
        sa.Column("run_by", Id(), nullable=True),
        sa.Column("after", Id(), nullable=True),
        sa.Column("all_taken", sa.Boolean(), nullable=False),
        sa.Column("left_out", Json(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("created_by", Id(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("campaign_due", "campaign", ["state", "due_at"])
    op.create_index("campaign_newest", "campaign", ["created_at", "id"])


def downgrade() -> None:
    op.drop_table("campaign")
    op.drop_index("customer_mail_campaign", "customer_mail")
    op.drop_column("customer_mail", "campaign_id")
