"""Records that rules create: intents that belong to an action of a run."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, PlainText

revision = "workflow0010"
down_revision = "workflow0009"
COLUMNS = {"action": PlainText(), "run_id": Id(), "place": sa.Integer(), "order_id": Id()}


def upgrade() -> None:
    for name, type in COLUMNS.items():
        op.add_column("intent", sa.Column(name, type, nullable=True))
    op.create_index("intent_of_order", "intent", ["order_id"])


def downgrade() -> None:
    op.drop_index("intent_of_order", "intent")
    for name in COLUMNS:
        op.drop_column("intent", name)
