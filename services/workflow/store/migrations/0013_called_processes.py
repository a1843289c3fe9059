"""Processes that call others: whose call an instance is, how deep, and what a caller has still to hear."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, PlainText, UtcDateTime

revision = "workflow0013"
down_revision = "workflow0012"


def upgrade() -> None:
    for column in (sa.Column("parent_id", Id(), nullable=True), sa.Column("parent_token", sa.Integer(), nullable=True),
                   sa.Column("root_id", Id(), nullable=True),
                   sa.Column("depth", sa.Integer(), nullable=False, server_default="0")):
        op.add_column("process_instance", column)
    op.create_index("process_instance_of_parent", "process_instance", ["parent_id", "parent_token"])
    op.create_index("process_instance_of_root", "process_instance", ["root_id"])
    op.create_table(
        "process_raised",
        sa.Column("id", Id(), nullable=False),
        sa.Column("instance_id", Id(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("what", PlainText(), nullable=False),
        sa.Column("code", PlainText(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("process_raised_due", "process_raised", ["due_at"])
    op.create_index("process_raised_of_instance", "process_raised", ["instance_id", "token"])


def downgrade() -> None:
    op.drop_table("process_raised")
    for name in ("process_instance_of_parent", "process_instance_of_root"):
        op.drop_index(name, "process_instance")
    for column in ("depth", "root_id", "parent_token", "parent_id"):
        op.drop_column("process_instance", column)
