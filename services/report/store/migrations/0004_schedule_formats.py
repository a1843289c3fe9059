"""A schedule sends a workbook, a document or a picture."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import PlainText

revision = "report0004"
down_revision = "report0003"


def upgrade() -> None:
    op.add_column("board_schedule", sa.Column("format", PlainText(), server_default="xlsx", nullable=False))


def downgrade() -> None:
    op.drop_column("board_schedule", "format")
