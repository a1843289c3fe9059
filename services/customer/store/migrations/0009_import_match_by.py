"""By which duplicate rules an import finds what is there already."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Json

revision = "customer0009"
down_revision = "customer0008"


def upgrade() -> None:
    op.add_column("import_run", sa.Column("match_by", Json(), nullable=True))


def downgrade() -> None:
    op.drop_column("import_run", "match_by")
