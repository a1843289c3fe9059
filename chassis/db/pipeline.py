"""Writes that need no answer, sent to PostgreSQL in one go.

A statement by itself costs a round trip: the process sleeps, the server wakes, twice a switch. Statements of one unit
of work whose results nobody reads are therefore kept and sent together in the protocol's pipeline mode; the server
works them off in order and the first error ends the transaction, as always. SQLite has no network and runs them one
by one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError

Row = Mapping[str, Any]
Statement = Any  # an Insert, Update or Delete that is made once and used often
Write = tuple[Statement, Sequence[Row]]


@dataclass(frozen=True)
class _Plan:
    sql: str
    parameters: tuple[tuple[str, Callable[[Any], Any] | None], ...]

    def bind(self, row: Row) -> dict[str, Any]:
        """The row as the driver takes it."""
        return {name: value if (value := row[name]) is None or convert is None else convert(value)
                for name, convert in self.parameters}


_plans: WeakKeyDictionary[Any, dict[tuple[str, ...], _Plan]] = WeakKeyDictionary()
_inserts: WeakKeyDictionary[Table, Insert] = WeakKeyDictionary()


def insert_into(table: Table) -> Insert:
    """The one INSERT of a table, whose plan is remembered."""
    known = _inserts.get(table)
    return known if known is not None else _inserts.setdefault(table, table.insert())


def send(connection: Connection, writes: Sequence[Write]) -> None:
    """Run the writes in their order; raises SQLAlchemy's errors as `execute` does."""
    if connection.dialect.name != "postgresql" or sum(len(rows) for _, rows in writes) == 1:
        for statement, rows in writes:
            connection.execute(statement, rows if len(rows) > 1 else rows[0])
        return
    _send_together(connection, writes)


def _send_together(connection: Connection, writes: Sequence[Write]) -> None:
    import psycopg

    dialect, driver = connection.dialect, connection.connection.driver_connection
    sql = ""
    try:
        with driver.pipeline(), driver.cursor() as cursor:  # type: ignore[union-attr]
            for statement, rows in writes:
                plan = _plan(statement, rows[0], dialect)
                sql = plan.sql
                for row in rows:
                    cursor.execute(sql, plan.bind(row))
    except psycopg.Error as error:
        lost = dialect.is_disconnect(error, driver, None)  # type: ignore[arg-type]
        raise DBAPIError.instance(sql, None, error, psycopg.Error, connection_invalidated=lost,
                                  dialect=dialect) from error


def _plan(statement: Statement, row: Row, dialect: Dialect) -> _Plan:
    plans = _plans.setdefault(statement, {})
    shape = tuple(row)
    if shape not in plans:
        plans[shape] = _make_plan(statement, shape, dialect)
    return plans[shape]


def _make_plan(statement: Statement, shape: tuple[str, ...], dialect: Dialect) -> _Plan:
    inline = statement.inline() if isinstance(statement, Insert) else statement
    keys = list(shape) if isinstance(statement, Insert) and not statement._values else None
    compiled = inline.compile(dialect=dialect, column_keys=keys)
    processors = compiled._bind_processors
    return _Plan(str(compiled), tuple((name, processors.get(name)) for name in compiled.params))
