"""Packs: which others they need, and what a removal left."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Json

revision = "gateway0003"
down_revision = "gateway0002"


def upgrade() -> None:
    op.add_column("pack", sa.Column("requires", Json(), nullable=True))
    op.add_column("pack_run", sa.Column("result", Json(), nullable=True))
