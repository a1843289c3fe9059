"""Tasks that a record plans: which record, and at which version it was looked at last."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id

revision = "workflow0002"
down_revision = "workflow0001"


def upgrade() -> None:
    op.add_column("task", sa.Column("source_id", Id(), nullable=True))
    op.add_column("task", sa.Column("source_version", sa.Integer(), nullable=True))
    op.create_index("task_of_source", "task", ["source_id"], unique=True)
