"""Messages from one process to another: what they are about, and those that nobody waits for yet."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, PlainText, UtcDateTime

revision = "workflow0012"
down_revision = "workflow0011"


def upgrade() -> None:
    op.create_table(
        "process_message",
        sa.Column("id", Id(), nullable=False),
        sa.Column("name", PlainText(), nullable=False),
        sa.Column("correlation", PlainText(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("process_message_due", "process_message", ["due_at"])
    op.add_column("process_wait", sa.Column("correlation", PlainText(), nullable=True))
    op.create_index("process_wait_message", "process_wait", ["correlation", "key"])
    op.execute("UPDATE process_wait SET correlation = (SELECT record_id FROM process_instance "
               "WHERE process_instance.id = process_wait.instance_id) WHERE kind = 'message'")


def downgrade() -> None:
    op.drop_index("process_wait_message", "process_wait")
    op.drop_column("process_wait", "correlation")
    op.drop_table("process_message")
