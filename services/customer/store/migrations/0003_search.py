"""Search entries, found by their tokens: GIN on PostgreSQL, FTS5 kept by triggers on SQLite."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import Id, PlainText, UtcDateTime

revision = "customer0003"
down_revision = "customer0002"

_ENTRY_ON_SQLITE = """
    CREATE TABLE search_entry (
        fts_id INTEGER PRIMARY KEY, record_id CHAR(36) NOT NULL UNIQUE, object TEXT NOT NULL, title TEXT NOT NULL,
        rest TEXT NOT NULL, tokens TEXT NOT NULL)
"""
_SQLITE = (
    "CREATE VIRTUAL TABLE search_words USING fts5(tokens, content='', detail=none, columnsize=0)",
    """CREATE TRIGGER search_entry_added AFTER INSERT ON search_entry BEGIN
        INSERT INTO search_words (rowid, tokens) VALUES (new.fts_id, new.tokens);
    END""",
    """CREATE TRIGGER search_entry_removed AFTER DELETE ON search_entry BEGIN
        INSERT INTO search_words (search_words, rowid, tokens) VALUES ('delete', old.fts_id, old.tokens);
    END""",
    """CREATE TRIGGER search_entry_changed AFTER UPDATE ON search_entry BEGIN
        INSERT INTO search_words (search_words, rowid, tokens) VALUES ('delete', old.fts_id, old.tokens);
        INSERT INTO search_words (rowid, tokens) VALUES (new.fts_id, new.tokens);
    END""",
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for statement in (_ENTRY_ON_SQLITE, *_SQLITE):
            op.execute(statement)
    else:
        op.create_table(
            "search_entry",
            sa.Column("record_id", Id(), primary_key=True),
            sa.Column("object", PlainText(), nullable=False),
            sa.Column("title", PlainText(), nullable=False),
            sa.Column("rest", PlainText(), nullable=False),
            sa.Column("tokens", sa.ARRAY(sa.Integer), nullable=False),
        )
        op.execute("CREATE INDEX search_entry_tokens ON search_entry USING gin (tokens) "
                   "WITH (gin_pending_list_limit = 1024)")  # every search reads what is pending
    op.create_table(
        "search_state",
        sa.Column("object", PlainText(), primary_key=True),
        sa.Column("signature", PlainText(), nullable=False),
        sa.Column("job_id", Id(), nullable=True),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("search_state")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_words")
    op.drop_table("search_entry")
