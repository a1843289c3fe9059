"""Roll-ups over records that match by fields: by which values, and for which departments they stand."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import PlainText

revision = "customer0033"
down_revision = "customer0032"


def upgrade() -> None:
    op.add_column("calculation_due", sa.Column("matching", PlainText(), nullable=True))
    op.add_column("calculation_day", sa.Column("tree", PlainText(), nullable=True))


def downgrade() -> None:
    op.drop_column("calculation_day", "tree")
    op.drop_column("calculation_due", "matching")
