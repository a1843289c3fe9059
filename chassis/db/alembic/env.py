"""Alembic's entry: runs the migrations on the connection that chassis.db.migrate holds."""

from alembic import context

config = context.config
context.configure(
    connection=config.attributes["connection"],
    target_metadata=None,
    version_table=config.attributes["version_table"],
    transaction_per_migration=False,
)
context.run_migrations()
