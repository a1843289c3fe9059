"""Who wants no more messages of a purpose, and by which message he said so."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import PlainText, UtcDateTime

revision = "notify0007"
down_revision = "notify0006"


def upgrade() -> None:
    op.add_column("customer_mail", sa.Column("left_at", UtcDateTime(), nullable=True))
    op.create_table(
        "opt_out",
        sa.Column("digest", PlainText(), nullable=False),
        sa.Column("purpose", PlainText(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", "purpose"),
    )


def downgrade() -> None:
    op.drop_table("opt_out")
    op.drop_column("customer_mail", "left_at")
