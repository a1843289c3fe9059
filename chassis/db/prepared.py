"""Statements that are asked all day: compiled once, then run through the driver.

SQLAlchemy builds, caches and checks a statement anew for each execution, and describes each column of each result.
For the few statements on the way of every request that costs as much as the database's own work. On PostgreSQL a
`Prepared` therefore keeps the text, how parameters are bound and how values are loaded, and hands the driver just
parameters; errors come out as SQLAlchemy's. On SQLite, which has no such distance, it is an ordinary execution.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError

Convert = Callable[[Any], Any]
Row = Sequence[Any]


@dataclass(frozen=True)
class _Plan:
    sql: str
    fixed: Mapping[str, Any]
    binds: tuple[tuple[str, Convert | None], ...]
    loads: tuple[tuple[int, Convert], ...]

    def bind(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters as the driver takes them."""
        bound = dict(self.fixed)
        for name, convert in self.binds:
            value = parameters[name]
            bound[name] = value if value is None or convert is None else convert(value)
        return bound

    def load(self, row: Row) -> Row:
        """The values of a row as Python knows them."""
        values = list(row)
        for place, convert in self.loads:
            if values[place] is not None:
                values[place] = convert(values[place])
        return values


class Prepared:
    """One SELECT for ever; each call names the same parameters, none of them a list."""

    def __init__(self, statement: Select[Any]) -> None:
        self._statement = statement
        self._plan: _Plan | None = None

    def rows(self, connection: Connection, parameters: Mapping[str, Any], *, begin: bool = False) -> Sequence[Row]:
        """Run it; returns all rows. Raises SQLAlchemy's errors as `execute` does.

        On PostgreSQL `begin` opens a transaction on the same way.
        """
        if connection.dialect.name != "postgresql":
            return connection.execute(self._statement, parameters).all()
        plan = self._plan
        if plan is None:
            plan = self._plan = _make_plan(self._statement, parameters, connection.dialect)
        driver = driver_of(connection)
        with driver_errors(connection, plan.sql), driver.pipeline() if begin else nullcontext():
            if begin:
                driver.execute("BEGIN", prepare=False)
            found = driver.execute(plan.sql, plan.bind(parameters)).fetchall()
        return [plan.load(row) for row in found] if plan.loads else found


def driver_of(connection: Connection) -> Any:
    """The psycopg connection behind a connection to PostgreSQL."""
    return connection.connection.driver_connection


@contextmanager
def driver_errors(connection: Connection, sql: str) -> Iterator[None]:
    """Raise the driver's errors as SQLAlchemy's."""
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        lost = connection.dialect.is_disconnect(error, driver_of(connection), None)
        raise DBAPIError.instance(sql, None, error, psycopg.Error, connection_invalidated=lost,
                                  dialect=connection.dialect) from error


def _make_plan(statement: Select[Any], parameters: Mapping[str, Any], dialect: Dialect) -> _Plan:
    """Lists inside the statement are written out; what this call gives is what every call will give."""
    state = statement.compile(dialect=dialect).construct_expanded_state(dict(parameters))
    processors = {name: state.processors.get(name) for name in state.parameters}
    fixed = {name: convert(value) if value is not None and (convert := processors[name]) else value
             for name, value in state.parameters.items() if name not in parameters}
    loads = ((place, column.type.dialect_impl(dialect).result_processor(dialect, None))
             for place, column in enumerate(statement.selected_columns))
    return _Plan(state.statement, fixed, tuple((name, processors.get(name)) for name in parameters),
                 tuple((place, convert) for place, convert in loads if convert is not None))
