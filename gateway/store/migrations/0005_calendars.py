"""Working calendars; departments may have their own."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import BigId, Id, Json, PlainText, UtcDateTime

revision = "gateway0005"
down_revision = "gateway0004"


def upgrade() -> None:
    op.create_table(
        "calendar",
        sa.Column("id", Id(), nullable=False),
        sa.Column("key", PlainText(), nullable=True),
        sa.Column("name", Json(), nullable=False),
        sa.Column("timezone", PlainText(), nullable=False),
        sa.Column("week", Json(), nullable=False),
        sa.Column("days", Json(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("version", BigId(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.add_column("department", sa.Column("calendar_id", Id(), nullable=True))
    op.create_index("department_calendar", "department", ["calendar_id"])


def downgrade() -> None:
    op.drop_index("department_calendar", "department")
    op.drop_column("department", "calendar_id")
    op.drop_table("calendar")
