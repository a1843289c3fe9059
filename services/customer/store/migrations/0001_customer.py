"""Definitions, history, timeline, match keys and counters."""

from alembic import op

from services.customer.store.tables import metadata, schema_revision

revision = "customer0001"
down_revision = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())
    op.execute(schema_revision.insert().values(id=1, revision=1))


def downgrade() -> None:
    metadata.drop_all(op.get_bind())
