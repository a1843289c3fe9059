"""Many rows of one shape into one table: COPY on PostgreSQL, one prepared statement with many parameters elsewhere.

COPY spares PostgreSQL and the driver a statement per row. Values pass the same column types as in any other statement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import IntegrityError

_WORTH_A_COPY = 8


@dataclass(frozen=True)
class _Plan:
    insert: Insert
    copy: str
    columns: tuple[tuple[str, Callable[[Any], Any] | None], ...]


_plans: WeakKeyDictionary[Table, _Plan] = WeakKeyDictionary()


def insert_many(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that each name every column of `table`; raises SQLAlchemy's IntegrityError like an INSERT."""
    plan = _plans.get(table) or _plans.setdefault(table, _make_plan(table, connection.dialect))
    if connection.dialect.name != "postgresql" or len(rows) < _WORTH_A_COPY:
        connection.execute(plan.insert, rows if len(rows) > 1 else rows[0])  # one row needs no pipeline
    else:
        _copy(connection, plan, rows)


def _copy(connection: Connection, plan: _Plan, rows: Sequence[Mapping[str, Any]]) -> None:
    import psycopg

    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(plan.copy) as copy:
            for row in rows:
                copy.write_row([value if (value := row[name]) is None or bind is None else bind(value)
                                for name, bind in plan.columns])
    except psycopg.errors.IntegrityError as error:
        raise IntegrityError(plan.copy, None, error) from error


def _make_plan(table: Table, dialect: Dialect) -> _Plan:
    quote = dialect.identifier_preparer.quote
    names = ", ".join(quote(column.name) for column in table.c)
    columns = tuple((column.name, column.type.dialect_impl(dialect).bind_processor(dialect)) for column in table.c)
    return _Plan(table.insert(), f"COPY {quote(table.name)} ({names}) FROM STDIN", columns)
