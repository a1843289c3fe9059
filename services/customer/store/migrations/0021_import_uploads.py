"""Sheets that are uploaded in pieces."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, PlainText, UtcDateTime

revision = "customer0021"
down_revision = "customer0020"


def upgrade() -> None:
    op.create_table(
        "import_upload",
        sa.Column("id", Id(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("caller", PlainText(), nullable=False),
        sa.Column("filename", PlainText(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("import_id", Id(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("import_upload_caller", "import_upload", ["caller", "expires_at"])


def downgrade() -> None:
    op.drop_table("import_upload")
