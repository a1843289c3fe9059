"""Invitations to surveys by link."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, PlainText, UtcDateTime

revision = "customer0039"
down_revision = "customer0038"


def upgrade() -> None:
    op.create_table(
        "survey_invitation",
        sa.Column("id", Id(), nullable=False),
        sa.Column("kind", PlainText(), nullable=False),
        sa.Column("survey", PlainText(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("record_id", Id(), nullable=False),
        sa.Column("recipient_object", PlainText(), nullable=False),
        sa.Column("recipient_id", Id(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_survey_invitation_record_id", "survey_invitation", ["record_id"])
    op.create_index("ix_survey_invitation_expires_at", "survey_invitation", ["expires_at"])


def downgrade() -> None:
    op.drop_table("survey_invitation")
