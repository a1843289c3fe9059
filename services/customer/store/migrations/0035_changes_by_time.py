"""The history by time, so that changes of a span can be told once more.

A long history on PostgreSQL gets its index later and concurrently (`usecases.settle_history`): nobody waits to write.
"""

import sqlalchemy as sa
from alembic import op

revision = "customer0035"
down_revision = "customer0034"

_NAME = "record_change_at"


def upgrade() -> None:
    connection = op.get_bind()
    beyond = sa.text("SELECT 1 FROM record_change LIMIT 1 OFFSET 20000")
    if connection.dialect.name == "sqlite" or connection.execute(beyond).first() is None:
        op.create_index(_NAME, "record_change", ["at"])


def downgrade() -> None:
    op.drop_index(_NAME, "record_change", if_exists=True)
