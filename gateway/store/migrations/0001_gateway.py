"""Users, departments, roles, sessions, keys, and an audit log that the database itself refuses to rewrite."""

from alembic import op

from gateway.store.tables import audit_head, directory_revision, metadata

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
        BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END""" for verb in ("UPDATE", "DELETE"))


def upgrade() -> None:
    metadata.create_all(op.get_bind())
    op.execute(directory_revision.insert().values(id=1, version=0, sessions=0))
    op.execute(audit_head.insert().values(id=1, seq=0, hash=""))
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRES:
        op.execute(statement)


def downgrade() -> None:
    metadata.drop_all(op.get_bind())
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION audit_entry_is_final()")
