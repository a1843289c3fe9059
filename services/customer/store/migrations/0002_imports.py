"""Imports: uploads, wrong rows, remembered mappings."""

from alembic import op

from services.customer.store.imports.tables import TABLES, metadata

revision = "customer0002"
down_revision = "customer0001"


def upgrade() -> None:
    metadata.create_all(op.get_bind(), tables=TABLES)


def downgrade() -> None:
    metadata.drop_all(op.get_bind(), tables=TABLES)
