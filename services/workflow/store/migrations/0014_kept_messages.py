"""Messages that are kept are found by what they are about."""

from alembic import op

revision = "workflow0014"
down_revision = "workflow0013"


def upgrade() -> None:
    op.create_index("process_message_about", "process_message", ["correlation", "name", "id"])


def downgrade() -> None:
    op.drop_index("process_message_about", "process_message")
