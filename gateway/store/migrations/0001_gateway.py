"""Users, departments, roles, sessions, keys, and an audit log that the database itself refuses to rewrite."""

import sqlalchemy as sa
from alembic import op

from chassis.db.types import BigId, Id, Json, PlainText, SortedText, UtcDateTime
from gateway.store.tables import audit_head, directory_revision

revision = "gateway0001"
down_revision = None

_POSTGRES = (
    """CREATE FUNCTION audit_entry_is_final() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'audit entries are append-only'; END $$""",
    """CREATE TRIGGER audit_entry_final BEFORE UPDATE OR DELETE ON audit_entry
       FOR EACH ROW EXECUTE FUNCTION audit_entry_is_final()""",
)
_SQLITE = tuple(
    f"""CREATE TRIGGER audit_entry_no_{verb.lower()} BEFORE {verb} ON audit_entry
        BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END"""
    for verb in ("UPDATE", "DELETE")
)


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("seq", BigId(), autoincrement=False, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor_kind", PlainText(), nullable=False),
        sa.Column("actor_id", Id(), nullable=True),
        sa.Column("actor_name", PlainText(), nullable=False),
        sa.Column("action", PlainText(), nullable=False),
        sa.Column("target_kind", PlainText(), nullable=True),
        sa.Column("target_id", Id(), nullable=True),
        sa.Column("target_name", PlainText(), nullable=True),
        sa.Column("ip", PlainText(), nullable=True),
        sa.Column("request_id", PlainText(), nullable=False),
        sa.Column("detail", Json(), nullable=False),
        sa.Column("prev_hash", PlainText(), nullable=False),
        sa.Column("hash", PlainText(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("audit_entry_action", "audit_entry", ["action", "seq"], unique=False)
    op.create_index("audit_entry_actor", "audit_entry", ["actor_id", "seq"], unique=False)
    op.create_index("audit_entry_at", "audit_entry", ["at", "seq"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", BigId(), nullable=False),
        sa.Column("hash", PlainText(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "department",
        sa.Column("id", Id(), nullable=False),
        sa.Column("key", PlainText(), nullable=True),
        sa.Column("name", SortedText(), nullable=False),
        sa.Column("parent_id", Id(), nullable=True),
        sa.Column("path", PlainText(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", BigId(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["department.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index(("ix_department_parent_id"), "department", ["parent_id"], unique=False)
    op.create_table(
        "directory_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", BigId(), nullable=False),
        sa.Column("sessions", BigId(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "revocation",
        sa.Column("session_id", Id(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("session_id"),
    )
    op.create_index(("ix_revocation_at"), "revocation", ["at"], unique=False)
    op.create_table(
        "role",
        sa.Column("id", Id(), nullable=False),
        sa.Column("key", PlainText(), nullable=False),
        sa.Column("name", Json(), nullable=False),
        sa.Column("permissions", Json(), nullable=False),
        sa.Column("objects", Json(), nullable=False),
        sa.Column("shipped", sa.Boolean(), nullable=False),
        sa.Column("version", BigId(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("subject", PlainText(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("locked_until", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("subject"),
    )
    op.create_index(("ix_sign_in_attempt_last_at"), "sign_in_attempt", ["last_at"], unique=False)
    op.create_table(
        "user_account",
        sa.Column("id", Id(), nullable=False),
        sa.Column("username", PlainText(), nullable=False),
        sa.Column("name", SortedText(), nullable=False),
        sa.Column("email", PlainText(), nullable=True),
        sa.Column("phone", PlainText(), nullable=True),
        sa.Column("department_id", Id(), nullable=True),
        sa.Column("locale", PlainText(), nullable=True),
        sa.Column("timezone", PlainText(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("password_hash", PlainText(), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("password_changed_at", UtcDateTime(), nullable=False),
        sa.Column("last_sign_in_at", UtcDateTime(), nullable=True),
        sa.Column("version", BigId(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["department.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("username"),
    )
    op.create_index(("ix_user_account_department_id"), "user_account", ["department_id"], unique=False)
    op.create_index("user_account_name", "user_account", ["name", "id"], unique=False)
    op.create_table(
        "api_key",
        sa.Column("id", Id(), nullable=False),
        sa.Column("name", SortedText(), nullable=False),
        sa.Column("user_id", Id(), nullable=False),
        sa.Column("secret_hash", PlainText(), nullable=False),
        sa.Column("scopes", Json(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", Id(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(("ix_api_key_user_id"), "api_key", ["user_id"], unique=False)
    op.create_table(
        "session",
        sa.Column("id", Id(), nullable=False),
        sa.Column("user_id", Id(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=False),
        sa.Column("idle_until", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("ip", PlainText(), nullable=True),
        sa.Column("user_agent", PlainText(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_because", PlainText(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(("ix_session_idle_until"), "session", ["idle_until"], unique=False)
    op.create_index(("ix_session_user_id"), "session", ["user_id"], unique=False)
    op.create_table(
        "user_role",
        sa.Column("user_id", Id(), nullable=False),
        sa.Column("role_id", Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["role_id"],
            ["role.id"],
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
        ),
        sa.PrimaryKeyConstraint("user_id", "role_id"),
    )
    op.create_index(("ix_user_role_role_id"), "user_role", ["role_id"], unique=False)
    op.create_table(
        "refresh_token",
        sa.Column("hash", PlainText(), nullable=False),
        sa.Column("session_id", Id(), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["session.id"],
        ),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index(("ix_refresh_token_session_id"), "refresh_token", ["session_id"], unique=False)
    op.execute(directory_revision.insert().values(id=1, version=0, sessions=0))
    op.execute(audit_head.insert().values(id=1, seq=0, hash=""))
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRES:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("refresh_token")
    op.drop_table("user_role")
    op.drop_table("session")
    op.drop_table("api_key")
    op.drop_table("user_account")
    op.drop_table("sign_in_attempt")
    op.drop_table("role")
    op.drop_table("revocation")
    op.drop_table("directory_revision")
    op.drop_table("department")
    op.drop_table("audit_head")
    op.drop_table("audit_entry")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION audit_entry_is_final()")
