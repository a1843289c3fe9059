"""Many rows of one shape into one table: COPY on PostgreSQL, one prepared statement with many parameters elsewhere.

COPY spares PostgreSQL and the driver a statement per row. Rows are written in its text format (PostgreSQL's manual,
COPY, "Text Format"): tabs between values, `\\N` for null, backslashes before what has a meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import JSON, Boolean, Column, Connection, Date, Insert, Integer, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError

from chassis.db.types import Exact, Id, Numbers, UtcDateTime
from chassis.jsonio import dumps

WORTH_A_COPY = 8
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True)
class _Plan:
    insert: Insert
    copy: str
    columns: tuple[tuple[str, Callable[[Any], str]], ...]


_plans: WeakKeyDictionary[Table, _Plan] = WeakKeyDictionary()


def insert_many(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that each name every column of `table`; raises SQLAlchemy's IntegrityError like an INSERT."""
    plan = _plans.get(table) or _plans.setdefault(table, _make_plan(table))
    if connection.dialect.name != "postgresql" or len(rows) < WORTH_A_COPY:
        connection.execute(plan.insert, rows)
    else:
        _copy(connection, plan, rows)


def _copy(connection: Connection, plan: _Plan, rows: Sequence[Mapping[str, Any]]) -> None:
    import psycopg

    lines = ["\t".join(["\\N" if (value := row[name]) is None else text(value) for name, text in plan.columns])
             for row in rows]
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(plan.copy) as copy:
            copy.write("\n".join([*lines, ""]))
    except psycopg.errors.IntegrityError as error:
        raise IntegrityError(plan.copy, None, error) from error


def _make_plan(table: Table) -> _Plan:
    quote = postgresql.dialect().identifier_preparer.quote
    names = ", ".join(quote(column.name) for column in table.c)
    return _Plan(table.insert(), f"COPY {quote(table.name)} ({names}) FROM STDIN",
                 tuple((column.name, _writer(column)) for column in table.c))


def _writer(column: Column[Any]) -> Callable[[Any], str]:
    return next((writer for kind, writer in _WRITERS if isinstance(column.type, kind)), _escaped)


def _json(value: Any) -> str:
    return dumps(value).replace("\\", "\\\\")


def _array(numbers: list[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"


def _escaped(text: str) -> str:
    return text if "\\" not in text and text.isprintable() else text.translate(_ESCAPES)


_WRITERS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (JSON, _json), (Id, str), (Numbers, _array), (UtcDateTime, datetime.isoformat), (Date, date.isoformat),
    (Exact, "{:f}".format), (Boolean, lambda value: "t" if value else "f"), (Integer, str),
)
