"""Lines in the bin know the record that they were deleted with."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id

revision = "customer0025"
down_revision = "customer0024"


def upgrade() -> None:
    op.add_column("record_bin", sa.Column("with_id", Id(), nullable=True))
    op.create_index("record_bin_with", "record_bin", ["with_id"])


def downgrade() -> None:
    op.drop_index("record_bin_with", "record_bin")
    op.drop_column("record_bin", "with_id")
