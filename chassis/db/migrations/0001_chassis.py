"""The chassis' tables: outbox, inbox, dead letters, idempotency, jobs, schedules, directory."""

from alembic import op

from chassis.db.tables import metadata

revision = "c0001"
down_revision = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    metadata.drop_all(op.get_bind())
