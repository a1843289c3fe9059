"""Notifications, inbox, deliveries, preferences, templates."""

from alembic import op

from services.notify.store.tables import metadata

revision = "notify0001"
down_revision = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    metadata.drop_all(op.get_bind())
