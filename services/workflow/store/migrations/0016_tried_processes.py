"""Processes are tried out as rules are."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Json

revision = "workflow0016"
down_revision = "workflow0015"


def upgrade() -> None:
    op.add_column("dry_run", sa.Column("process", Json(), nullable=True))


def downgrade() -> None:
    op.drop_column("dry_run", "process")
