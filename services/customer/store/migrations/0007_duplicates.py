"""Duplicates: setups, scans, pairs with decisions, merges."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, Json, PlainText, UtcDateTime

revision = "customer0007"
down_revision = "customer0006"


def upgrade() -> None:
    op.create_table(
        "duplicate_setup",
        sa.Column("object", PlainText(), primary_key=True),
        sa.Column("body", Json(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
    )
    op.create_table(
        "duplicate_scan",
        sa.Column("object", PlainText(), primary_key=True),
        sa.Column("id", Id(), nullable=False),
        sa.Column("job_id", Id(), nullable=False),
        sa.Column("state", PlainText(), nullable=False),
        sa.Column("records", sa.Integer, nullable=False),
        sa.Column("pairs", sa.Integer, nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime()),
    )
    op.create_table(
        "duplicate_block",
        sa.Column("scan_id", Id(), nullable=False),
        sa.Column("key", sa.BigInteger, nullable=False),
        sa.Column("record_id", Id(), nullable=False),
        sa.PrimaryKeyConstraint("scan_id", "key", "record_id"),
    )
    op.create_table(
        "duplicate_pair",
        sa.Column("id", Id(), primary_key=True),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("one", Id(), nullable=False),
        sa.Column("other", Id(), nullable=False),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("reasons", Json(), nullable=False),
        sa.Column("state", PlainText(), nullable=False),
        sa.Column("decided_by", Id()),
        sa.Column("decided_at", UtcDateTime()),
        sa.Column("scan_id", Id(), nullable=False),
    )
    op.create_index("duplicate_pair_once", "duplicate_pair", ["object", "one", "other"], unique=True)
    op.create_index("duplicate_pair_queue", "duplicate_pair", ["object", "state", "score", "id"])
    op.create_index("duplicate_pair_other", "duplicate_pair", ["other"])
    op.create_index("duplicate_pair_one", "duplicate_pair", ["one"])
    op.create_table(
        "record_merge",
        sa.Column("id", Id(), primary_key=True),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("survivor_id", Id(), nullable=False),
        sa.Column("merged_id", Id(), nullable=False),
        sa.Column("merged", Json(), nullable=False),
        sa.Column("before", Json(), nullable=False),
        sa.Column("after", Json(), nullable=False),
        sa.Column("moved", Json(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by_id", Id()),
        sa.Column("by_name", PlainText()),
        sa.Column("undone_at", UtcDateTime()),
        sa.Column("undone_by", Id()),
    )
    op.create_index("record_merge_survivor", "record_merge", ["survivor_id"])
    op.create_index("record_merge_merged", "record_merge", ["merged_id"])
    op.create_index("record_merge_newest", "record_merge", ["object", "at", "id"])


def downgrade() -> None:
    for name in ("record_merge", "duplicate_pair", "duplicate_block", "duplicate_scan", "duplicate_setup"):
        op.drop_table(name)
