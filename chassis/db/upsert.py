"""`INSERT … ON CONFLICT`, which SQLite and PostgreSQL share but SQLAlchemy keeps in their dialects."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from chassis.db.unit_of_work import UnitOfWork


def insert_or(uow: UnitOfWork, table: Table) -> Any:
    """Return an insert of the present database that knows `on_conflict_do_…`."""
    dialect: Any = sqlite if uow.database.is_sqlite else postgresql
    return dialect.insert(table)
