"""Imports: uploads, wrong rows, remembered mappings."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import BigId, Id, Json, PlainText, UtcDateTime

revision = "customer0002"
down_revision = "customer0001"


def upgrade() -> None:
    op.create_table(
        "import_mapping",
        sa.Column("caller", PlainText(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("header", PlainText(), nullable=False),
        sa.Column("mapping", Json(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("caller", "object", "header"),
    )
    op.create_table(
        "import_row_error",
        sa.Column("import_id", Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("errors", Json(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "number"),
    )
    op.create_table(
        "import_run",
        sa.Column("id", Id(), nullable=False),
        sa.Column("object", PlainText(), nullable=False),
        sa.Column("caller", PlainText(), nullable=False),
        sa.Column("started_by", Id(), nullable=True),
        sa.Column("locale", PlainText(), nullable=False),
        sa.Column("state", PlainText(), nullable=False),
        sa.Column("filename", PlainText(), nullable=False),
        sa.Column("format", Json(), nullable=False),
        sa.Column("size", BigId(), nullable=False),
        sa.Column("sha256", PlainText(), nullable=False),
        sa.Column("header_row", sa.Integer(), nullable=False),
        sa.Column("headers", Json(), nullable=False),
        sa.Column("columns", Json(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("empty_rows", sa.Integer(), nullable=False),
        sa.Column("mapping", Json(), nullable=False),
        sa.Column("duplicates", PlainText(), nullable=False),
        sa.Column("run_rules", sa.Boolean(), nullable=False),
        sa.Column("job_id", Id(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("counts", Json(), nullable=False),
        sa.Column("preview", Json(), nullable=False),
        sa.Column("problem", Json(), nullable=True),
        sa.Column("files_removed", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("import_run_age", "import_run", ["created_at", "id"], unique=False)
    op.create_index("import_run_newest", "import_run", ["caller", "created_at", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("import_run")
    op.drop_table("import_row_error")
    op.drop_table("import_mapping")
