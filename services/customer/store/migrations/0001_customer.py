"""Definitions, history, timeline, match keys and counters."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import BigId, Id, Json, PlainText, UtcDateTime
from services.customer.store.tables import schema_revision

revision = "customer0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "field_def",
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("column", PlainText(), nullable=False),
        sa.Column("name", PlainText(), nullable=False),
        sa.Column("state", PlainText(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("object", "column"),
    )
    op.create_table(
        "match_key",
        sa.Column("record_id", Id(), nullable=False),
        sa.Column("rule", PlainText(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("key", PlainText(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", "rule"),
    )
    op.create_index("match_key_lookup", "match_key", ["object", "rule", "key"], unique=False)
    op.create_table(
        "number_counter",
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("column", PlainText(), nullable=False),
        sa.Column("last", BigId(), nullable=False),
        sa.PrimaryKeyConstraint("object", "column"),
    )
    op.create_table(
        "object_def",
        sa.Column("name", PlainText(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", PlainText(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "record_change",
        sa.Column("record_id", Id(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("action", PlainText(), nullable=False),
        sa.Column("by_id", Id(), nullable=True),
        sa.Column("by_name", PlainText(), nullable=True),
        sa.Column("origin", Json(), nullable=False),
        sa.Column("request_id", PlainText(), nullable=False),
        sa.Column("changes", Json(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", "at", "id"),
    )
    op.create_table(
        "schema_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision", BigId(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "timeline_entry",
        sa.Column("record_id", Id(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("kind", PlainText(), nullable=False),
        sa.Column("action", PlainText(), nullable=False),
        sa.Column("by_id", Id(), nullable=True),
        sa.Column("by_name", PlainText(), nullable=True),
        sa.Column("origin", Json(), nullable=False),
        sa.Column("text", Json(), nullable=False),
        sa.Column("about", PlainText(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", "at", "id"),
    )
    op.create_index("timeline_entry_about", "timeline_entry", ["about"], unique=True)
    op.execute(schema_revision.insert().values(id=1, revision=1))


def downgrade() -> None:
    op.drop_table("timeline_entry")
    op.drop_table("schema_revision")
    op.drop_table("record_change")
    op.drop_table("object_def")
    op.drop_table("number_counter")
    op.drop_table("match_key")
    op.drop_table("field_def")
