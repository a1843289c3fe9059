"""What an import did to which record, and what its undoing left alone."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, Json, PlainText

revision = "customer0006"
down_revision = "customer0005"


def upgrade() -> None:
    op.add_column("import_run", sa.Column("undo", Json(), nullable=True))
    op.create_table(
        "import_chunk",
        sa.Column("import_id", Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("written", Json(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "number"),
    )
    op.create_table(
        "import_kept",
        sa.Column("import_id", Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("record_id", Id(), nullable=False),
        sa.Column("code", PlainText(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "number", "record_id"),
    )


def downgrade() -> None:
    op.drop_table("import_kept")
    op.drop_table("import_chunk")
    op.drop_column("import_run", "undo")
