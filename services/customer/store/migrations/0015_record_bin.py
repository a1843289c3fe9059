"""The bin of records: what was deleted and can still come back."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, Json, PlainText, UtcDateTime

revision = "customer0015"
down_revision = "customer0014"


def upgrade() -> None:
    op.create_table(
        "record_bin",
        sa.Column("record_id", Id(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by_id", Id(), nullable=True),
        sa.Column("by_name", PlainText(), nullable=True),
        sa.Column("owner_id", Id(), nullable=True),
        sa.Column("department_id", Id(), nullable=True),
        sa.Column("record", Json(), nullable=False),
        sa.Column("lists", Json(), nullable=False),
        sa.PrimaryKeyConstraint("record_id"),
    )
    op.create_index("record_bin_newest", "record_bin", ["object", "at", "record_id"])
    op.create_index("record_bin_oldest", "record_bin", ["at"])
