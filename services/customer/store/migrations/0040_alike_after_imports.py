"""Whether what is merely alike is looked for after an import, and a scan that shall follow the running one."""

import sqlalchemy as sa
from alembic import op

revision = "customer0040"
down_revision = "customer0039"
_COLUMNS = (("import_run", "look_alike"), ("duplicate_scan", "again"))


def upgrade() -> None:
    for table, column in _COLUMNS:
        op.add_column(table, sa.Column(column, sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for table, column in _COLUMNS:
        op.drop_column(table, column)
