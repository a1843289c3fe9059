"""Rules, runs, intents, tasks."""

from alembic import op

from services.workflow.store.tables import metadata, rulebook_state

revision = "workflow0001"
down_revision = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())
    op.execute(rulebook_state.insert().values(id=1, revision=1))


def downgrade() -> None:
    metadata.drop_all(op.get_bind())
