"""Messages that came back, the addresses that they came back from, and mailboxes for nothing but their reports."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import PlainText, UtcDateTime

revision = "notify0010"
down_revision = "notify0009"


def upgrade() -> None:
    op.add_column("mailbox", sa.Column("kind", PlainText(), nullable=False, server_default="tickets"))
    op.add_column("customer_mail", sa.Column("bounced", PlainText(), nullable=True))
    for name in ("hard_bounces", "soft_bounces"):
        op.add_column("campaign", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "bounced_address",
        sa.Column("digest", PlainText(), nullable=False),
        sa.Column("hard_at", UtcDateTime(), nullable=True),
        sa.Column("status", PlainText(), nullable=True),
        sa.Column("softs", sa.Integer(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )


def downgrade() -> None:
    op.drop_table("bounced_address")
    for name in ("hard_bounces", "soft_bounces"):
        op.drop_column("campaign", name)
    op.drop_column("customer_mail", "bounced")
    op.drop_column("mailbox", "kind")
