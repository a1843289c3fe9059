"""Public forms and what was sent through them."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, Json, PlainText, UtcDateTime

revision = "customer0018"
down_revision = "customer0017"


def upgrade() -> None:
    op.create_table(
        "web_form",
        sa.Column("id", Id(), primary_key=True),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("slug", PlainText(), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
    )
    op.create_index("web_form_slug", "web_form", ["slug"], unique=True)
    op.create_table(
        "web_form_message",
        sa.Column("nonce", PlainText(), primary_key=True),
        sa.Column("form_id", Id(), nullable=False),
        sa.Column("address", PlainText(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("record_id", Id()),
        sa.Column("sources", Json(), nullable=False),
    )
    op.create_index("web_form_message_sent", "web_form_message", ["form_id", "address", "at"])
    op.create_index("web_form_message_at", "web_form_message", ["at"])


def downgrade() -> None:
    op.drop_table("web_form_message")
    op.drop_table("web_form")
