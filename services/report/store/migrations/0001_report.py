"""Dashboards."""

from alembic import op

from services.report.store.tables import metadata

revision = "report0001"
down_revision = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    metadata.drop_all(op.get_bind())
