"""Copying whole tables from one database to another, of any kind; the column types translate the values."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, Table, func, select, text

_BATCH = 1000


def copy_tables(source: Connection, target: Connection, tables: Iterable[Table]) -> int:
    """Copy all rows of `tables`, which exist on both sides and are empty at the target; returns how many rows."""
    return sum(_copy(source, target, table) for table in tables)


def is_empty(connection: Connection, table: Table) -> bool:
    """Tell whether a table has no row."""
    return connection.execute(select(table).limit(1)).first() is None


def _copy(source: Connection, target: Connection, table: Table) -> int:
    target.execute(table.delete())  # what the migrations put there
    copied = 0
    for rows in source.execution_options(yield_per=_BATCH).execute(select(table)).mappings().partitions(_BATCH):
        target.execute(table.insert(), [dict(row) for row in rows])
        copied += len(rows)
    _advance_sequence(target, table)
    return copied


def _advance_sequence(target: Connection, table: Table) -> None:
    column = table.autoincrement_column
    if column is None or target.dialect.name == "sqlite" or str(column.type) != "BIGINT":
        return
    highest = target.execute(select(func.max(column))).scalar()
    if highest is not None:
        target.execute(text("SELECT setval(pg_get_serial_sequence(:table, :column), :highest)"),
                       {"table": table.name, "column": column.name, "highest": highest})
