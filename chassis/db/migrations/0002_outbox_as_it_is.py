"""Bodies of messages wait uncompressed: they are read once, moments later, and packing them cost more than writing."""

from alembic import op

revision = "c0002"
down_revision = "c0001"


def upgrade() -> None:
    _store("EXTERNAL")


def downgrade() -> None:
    _store("EXTENDED")


def _store(way: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE outbox ALTER COLUMN body SET STORAGE {way}")
