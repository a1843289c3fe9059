"""Writes that need no answer, sent to PostgreSQL in one go.

A statement by itself costs a round trip: the process sleeps, the server wakes, twice a switch. Statements of one unit
of work whose results nobody reads are therefore kept and sent together in the protocol's pipeline mode, with the BEGIN
before and the COMMIT behind them where these are due; the server works them off in order and the first error ends the
transaction, as always. SQLite has no network and runs them one by one.

A few writes that do not touch each other's rows go further: they become parts (`WITH`) of one statement, which by
itself is a transaction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.engine import Dialect

from chassis.db.prepared import driver_errors, driver_of, numbered, raw_cursor

Row = Mapping[str, Any]
Statement = Any  # an Insert, Update or Delete that is made once and used often
Write = tuple[Statement, Sequence[Row]]
Step = tuple["_Plan", Row]


@dataclass(frozen=True, eq=False)
class _Plan:
    sql: str  # with numbered parameters
    parameters: tuple[tuple[str, Callable[[Any], Any] | None], ...]  # in the order of their numbers
    table: str
    inserts: bool

    def bind(self, row: Row) -> list[Any]:
        """The row as the driver takes it."""
        return [value if (value := row[name]) is None or convert is None else convert(value)
                for name, convert in self.parameters]


_NUMBER = re.compile(r"\$(\d+)")
_MOST_PARTS = 8
_REMEMBERED = 2000

_joined: dict[tuple[_Plan, ...], str] = {}
_plans: WeakKeyDictionary[Any, dict[tuple[str, ...], _Plan]] = WeakKeyDictionary()
_inserts: WeakKeyDictionary[Table, Insert] = WeakKeyDictionary()


def insert_into(table: Table) -> Insert:
    """The one INSERT of a table, whose plan is remembered."""
    known = _inserts.get(table)
    return known if known is not None else _inserts.setdefault(table, table.insert())


def send(connection: Connection, writes: Sequence[Write], *, begin: bool = False, commit: bool = False) -> None:
    """Run the writes in their order; raises SQLAlchemy's errors as `execute` does.

    On PostgreSQL `begin` and `commit` open and end the transaction on the same way.
    """
    if connection.dialect.name == "postgresql":
        _send_together(connection, writes, begin, commit)
        return
    for statement, rows in writes:
        connection.execute(statement, rows if len(rows) > 1 else rows[0])


def _send_together(connection: Connection, writes: Sequence[Write], begin: bool, commit: bool) -> None:
    driver = driver_of(connection)
    steps = [(plan, row) for statement, rows in writes for plan in (_plan(statement, rows[0], connection.dialect),)
             for row in rows]
    with driver_errors(connection, "writes sent together"):
        if begin and commit and _can_join(steps):
            raw_cursor(driver).execute(*_join(steps))
            return
        with driver.pipeline(), raw_cursor(driver) as cursor:
            if begin:
                cursor.execute("BEGIN", prepare=False)
            for sql, parameters in [_join(steps)] if _can_join(steps) else _each(steps):
                cursor.execute(sql, parameters)
            if commit:
                cursor.execute("COMMIT", prepare=False)


def _each(steps: Sequence[Step]) -> Iterator[tuple[str, list[Any]]]:
    return ((plan.sql, plan.bind(row)) for plan, row in steps)


def _can_join(steps: Sequence[Step]) -> bool:
    """The parts of one statement do not see each other, so a table that is changed may stand in one part only.

    Nor have they an order: rows of the outbox would get their numbers the wrong way round: it stands in one, too.
    """
    if not 1 < len(steps) <= _MOST_PARTS:
        return False
    tables = [plan.table for plan, _ in steps]
    return all((plan.inserts and plan.table != "outbox") or tables.count(plan.table) == 1 for plan, _ in steps)


def _join(steps: Sequence[Step]) -> tuple[str, list[Any]]:
    """One statement of several, whose parameters are numbered on from part to part."""
    shape = tuple(plan for plan, _ in steps)
    sql = _joined.get(shape)
    if sql is None:
        sql = _joined_text(shape)
        if len(_joined) < _REMEMBERED:
            _joined[shape] = sql
    return sql, [value for plan, row in steps for value in plan.bind(row)]


def _joined_text(shape: Sequence[_Plan]) -> str:
    parts, shift = [], 0
    for plan in shape:
        parts.append(_NUMBER.sub(lambda number, shift=shift: f"${int(number[1]) + shift}", plan.sql))
        shift += len(plan.parameters)
    named = ", ".join(f"part_{place} AS ({part})" for place, part in enumerate(parts[:-1]))
    return f"WITH {named} {parts[-1]}"


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
    sql, names = numbered(str(compiled))
    return _Plan(sql, tuple((name, compiled._bind_processors.get(name)) for name in names), statement.table.name,
                 isinstance(statement, Insert))
