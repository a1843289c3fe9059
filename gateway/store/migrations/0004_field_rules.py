"""Access to fields for one person, in place of what his roles say."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Json

revision = "gateway0004"
down_revision = "gateway0003"


def upgrade() -> None:
    op.add_column("user_account", sa.Column("field_rules", Json(), nullable=True))


def downgrade() -> None:
    op.drop_column("user_account", "field_rules")
