"""Segments: what they ask for, who is in them, and who came and went."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, Json, PlainText, UtcDateTime

revision = "customer0016"
down_revision = "customer0015"


def upgrade() -> None:
    op.create_table(
        "segment",
        sa.Column("id", Id(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("name", Json(), nullable=False),
        sa.Column("criteria", Json(), nullable=False),
        sa.Column("state", PlainText(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", Id(), nullable=True),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("segment_object", "segment", ["object", "id"])
    op.create_table(
        "segment_member",
        sa.Column("record_id", Id(), nullable=False),
        sa.Column("segment_id", Id(), nullable=False),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", "segment_id"),
    )
    op.create_index("segment_member_of", "segment_member", ["segment_id", "record_id"])
    op.create_table(
        "segment_passage",
        sa.Column("segment_id", Id(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("record_id", Id(), nullable=False),
        sa.Column("entered", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("segment_id", "at", "id"),
    )
    op.create_index("segment_passage_record", "segment_passage", ["record_id"])
