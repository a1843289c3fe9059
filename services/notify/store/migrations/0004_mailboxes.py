"""Mailboxes that are read, and what came in."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, Json, PlainText, UtcDateTime

revision = "notify0004"
down_revision = "notify0003"


def upgrade() -> None:
    op.create_table(
        "mailbox",
        sa.Column("id", Id(), nullable=False),
        sa.Column("name", PlainText(), nullable=False),
        sa.Column("address", PlainText(), nullable=False),
        sa.Column("host", PlainText(), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("security", PlainText(), nullable=False),
        sa.Column("username", PlainText(), nullable=False),
        sa.Column("password", PlainText(), nullable=False),
        sa.Column("folder", PlainText(), nullable=False),
        sa.Column("presets", Json(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("uid_validity", sa.BigInteger(), nullable=True),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("problem", PlainText(), nullable=True),
        sa.Column("said", PlainText(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("checked_at", UtcDateTime(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("lease", Id(), nullable=True),
        sa.Column("leased_until", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "incoming_mail",
        sa.Column("id", Id(), nullable=False),
        sa.Column("mailbox_id", Id(), nullable=False),
        sa.Column("uid_validity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("message_id", PlainText(), nullable=True),
        sa.Column("sender", PlainText(), nullable=True),
        sa.Column("address", PlainText(), nullable=True),
        sa.Column("subject", PlainText(), nullable=True),
        sa.Column("outcome", PlainText(), nullable=False),
        sa.Column("record_id", Id(), nullable=True),
        sa.Column("detail", PlainText(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("mailbox_id", "uid_validity", "uid", name="incoming_mail_place"),
        sa.UniqueConstraint("mailbox_id", "message_id", name="incoming_mail_once"),
    )
    op.create_index("incoming_mail_newest", "incoming_mail", ["mailbox_id", "at", "id"])
    op.create_index("incoming_mail_sender", "incoming_mail", ["sender", "at"])
    op.create_index("ix_incoming_mail_at", "incoming_mail", ["at"])


def downgrade() -> None:
    op.drop_table("incoming_mail")
    op.drop_table("mailbox")
