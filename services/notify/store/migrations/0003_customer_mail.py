"""Mail to customers: its templates, and each message with what became of it."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, Json, PlainText, UtcDateTime

revision = "notify0003"
down_revision = "notify0002"


def upgrade() -> None:
    op.create_table(
        "mail_template",
        sa.Column("key", PlainText(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "customer_mail",
        sa.Column("id", Id(), nullable=False),
        sa.Column("cause", PlainText(), nullable=False),
        sa.Column("address", PlainText(), nullable=True),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("record_id", Id(), nullable=False),
        sa.Column("recipient", Json(), nullable=False),
        sa.Column("recipient_id", Id(), nullable=False),
        sa.Column("template", PlainText(), nullable=False),
        sa.Column("rule", Json(), nullable=False),
        sa.Column("subject", PlainText(), nullable=True),
        sa.Column("status", PlainText(), nullable=False),
        sa.Column("problem", PlainText(), nullable=True),
        sa.Column("answer", PlainText(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("cause", "address", name="customer_mail_once"),
    )
    op.create_index("customer_mail_due", "customer_mail", ["status", "due_at"])
    op.create_index("customer_mail_newest", "customer_mail", ["created_at", "id"])
    op.create_index("ix_customer_mail_record_id", "customer_mail", ["record_id"])
    op.create_index("ix_customer_mail_recipient_id", "customer_mail", ["recipient_id"])


def downgrade() -> None:
    op.drop_table("customer_mail")
    op.drop_table("mail_template")
