"""Statements that are asked all day: compiled once, then run through the driver.

SQLAlchemy builds, caches and checks a statement anew for each execution, and describes each column of each result.
For the few statements on the way of every request that costs as much as the database's own work. On PostgreSQL a
`Prepared` therefore keeps the text, how parameters are bound and how values are loaded, and hands the driver just
parameters, numbered as the server wants them; errors come out as SQLAlchemy's. On SQLite, which has no such distance,
it is an ordinary execution.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError

Convert = Callable[[Any], Any]
Row = Sequence[Any]


_PLACE = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True)
class _Plan:
    sql: str
    fixed: tuple[Any, ...]
    binds: tuple[tuple[int, str, Convert | None], ...]
    loads: tuple[tuple[int, Convert], ...]

    def bind(self, parameters: Mapping[str, Any]) -> list[Any]:
        """The parameters as the driver takes them."""
        bound = list(self.fixed)
        for place, name, convert in self.binds:
            value = parameters[name]
            bound[place] = value if value is None or convert is None else convert(value)
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
            found = raw_cursor(driver).execute(plan.sql, plan.bind(parameters)).fetchall()
        return [plan.load(row) for row in found] if plan.loads else found


def driver_of(connection: Connection) -> Any:
    """The psycopg connection behind a connection to PostgreSQL."""
    return connection.connection.driver_connection


def raw_cursor(driver: Any) -> Any:
    """A cursor for statements whose parameters are numbered: the driver does not read their text."""
    import psycopg

    return psycopg.RawCursor(driver)


def numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """A statement with `$1`, `$2` … for its named places, and the names in that order."""
    names: dict[str, int] = {}
    text = _PLACE.sub(lambda place: f"${names.setdefault(place[1], len(names) + 1)}", sql)
    return text.replace("%%", "%"), tuple(names)


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
    sql, names = numbered(state.statement)
    fixed, binds = [], []
    for place, name in enumerate(names):
        value, convert = state.parameters[name], state.processors.get(name)
        fixed.append(convert(value) if convert is not None and value is not None else value)
        if name in parameters:
            binds.append((place, name, convert))
    loads = ((place, column.type.dialect_impl(dialect).result_processor(dialect, None))
             for place, column in enumerate(statement.selected_columns))
    return _Plan(sql, tuple(fixed), tuple(binds),
                 tuple((place, convert) for place, convert in loads if convert is not None))
