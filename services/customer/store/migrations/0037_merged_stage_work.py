"""A merge keeps which key tasks and ticks of stages the survivor has taken over."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Json

revision = "customer0037"
down_revision = "customer0036"


def upgrade() -> None:
    op.add_column("record_merge", sa.Column("stage_work", Json(), nullable=True))


def downgrade() -> None:
    op.drop_column("record_merge", "stage_work")
