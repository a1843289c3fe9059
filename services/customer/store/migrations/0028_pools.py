"""Public pools: what they are, who came in and went out, and the sharing rules that show them."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, Json, PlainText, UtcDateTime

revision = "customer0028"
down_revision = "customer0027"


def upgrade() -> None:
    op.add_column("sharing_rule", sa.Column("pool_id", Id(), nullable=True))
    op.add_column("sharing_rule", sa.Column("masked", Json(), nullable=True))
    op.create_table(
        "pool",
        sa.Column("id", Id(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.Column("member_rule_id", Id(), nullable=False),
        sa.Column("manager_rule_id", Id(), nullable=False),
        sa.Column("updated_by", Id(), nullable=True),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("pool_object", "pool", ["object", "id"])
    op.create_table(
        "pool_passage",
        sa.Column("id", Id(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("record_id", Id(), nullable=False),
        sa.Column("pool_id", Id(), nullable=False),
        sa.Column("action", PlainText(), nullable=False),
        sa.Column("person_id", Id(), nullable=True),
        sa.Column("by_id", Id(), nullable=True),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("reason", PlainText(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("pool_passage_record", "pool_passage", ["record_id", "at"])
    op.create_index("pool_passage_person", "pool_passage", ["person_id", "pool_id", "at"])
    op.create_index("pool_passage_pool", "pool_passage", ["pool_id", "at", "id"])


def downgrade() -> None:
    op.drop_table("pool_passage")
    op.drop_table("pool")
    with op.batch_alter_table("sharing_rule") as batch:
        batch.drop_column("masked")
        batch.drop_column("pool_id")
