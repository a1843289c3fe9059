"""What comes back, from a merge or from the bin, brings the decisions about its duplicates along."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Json

revision = "customer0032"
down_revision = "customer0031"


def upgrade() -> None:
    for table in ("record_merge", "record_bin"):
        op.add_column(table, sa.Column("pairs", Json(), nullable=True))


def downgrade() -> None:
    for table in ("record_merge", "record_bin"):
        op.drop_column(table, "pairs")
