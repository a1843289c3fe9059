"""The company's currencies and exchange rates."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Exact, Id, PlainText, UtcDateTime

revision = "customer0036"
down_revision = "customer0035"


def upgrade() -> None:
    op.create_table(
        "company_currency",
        sa.Column("code", PlainText(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "exchange_rate",
        sa.Column("currency", PlainText(), nullable=False),
        sa.Column("valid_from", PlainText(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("rate", Exact(18, 10), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("updated_by", Id(), nullable=True),
        sa.PrimaryKeyConstraint("currency", "valid_from"),
    )
    op.create_index("exchange_rate_starts", "exchange_rate", ["currency", "starts_at"])


def downgrade() -> None:
    op.drop_index("exchange_rate_starts", "exchange_rate")
    op.drop_table("exchange_rate")
    op.drop_table("company_currency")
