"""Imports by a chosen key; what an undoing has left alone of other objects."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import PlainText

revision = "customer0012"
down_revision = "customer0011"


def upgrade() -> None:
    op.add_column("import_run", sa.Column("key", PlainText(), nullable=True))
    op.add_column("import_kept", sa.Column("object", PlainText(), nullable=True))


def downgrade() -> None:
    op.drop_column("import_kept", "object")
    op.drop_column("import_run", "key")
