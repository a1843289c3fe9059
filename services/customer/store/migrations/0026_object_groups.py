"""Groups of objects: how the navigation is divided."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Json, PlainText, UtcDateTime

revision = "customer0026"
down_revision = "customer0025"


def upgrade() -> None:
    op.create_table(
        "object_group",
        sa.Column("key", PlainText(), nullable=False),
        sa.Column("label", Json(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
