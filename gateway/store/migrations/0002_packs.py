"""Packs: what was installed last, and installations as they go."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, Json, PlainText, UtcDateTime

revision = "gateway0002"
down_revision = "gateway0001"


def upgrade() -> None:
    op.create_table(
        "pack",
        sa.Column("name", PlainText(), nullable=False),
        sa.Column("version", PlainText(), nullable=False),
        sa.Column("label", Json(), nullable=False),
        sa.Column("items", Json(), nullable=False),
        sa.Column("installed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "pack_run",
        sa.Column("id", Id(), nullable=False),
        sa.Column("pack", PlainText(), nullable=False),
        sa.Column("manifest", Json(), nullable=False),
        sa.Column("items", Json(), nullable=False),
        sa.Column("keep", Json(), nullable=False),
        sa.Column("state", PlainText(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("problem", PlainText(), nullable=True),
        sa.Column("created_by", Id(), nullable=False),
        sa.Column("locale", PlainText(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
