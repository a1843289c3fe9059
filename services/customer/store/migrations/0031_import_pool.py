"""The pool that new records of an import go into."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id

revision = "customer0031"
down_revision = "customer0030"


def upgrade() -> None:
    op.add_column("import_run", sa.Column("pool_id", Id(), nullable=True))


def downgrade() -> None:
    op.drop_column("import_run", "pool_id")
