"""Many rows of one shape into one table: COPY on PostgreSQL, one prepared statement with many parameters elsewhere.

COPY spares PostgreSQL and the driver a statement per row. Rows are written in its text format (PostgreSQL's manual,
COPY, "Text Format"): tabs between values, `\\N` for null, backslashes before what has a meaning. Who has values as text
already, as a record in wire form has, writes the lines with `copied_column` and `copied_json` and hands them over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import JSON, Boolean, Column, Connection, Date, Insert, Integer, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError

from chassis.db.types import Exact, Id, Numbers, UtcDateTime
from chassis.jsonio import dumps

WORTH_A_COPY, _BLOCK = 8, 250
NULL = "\\N"
_MEANING = re.compile(r"[\\\t\n\r]")
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True)
class _Plan:
    insert: Insert
    copy: str
    columns: tuple[tuple[str, Callable[[Any], str]], ...]


_plans: WeakKeyDictionary[Table, _Plan] = WeakKeyDictionary()


def insert_many(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that each name every column of `table`; raises SQLAlchemy's IntegrityError like an INSERT."""
    plan = _plan_of(table)
    if connection.dialect.name != "postgresql" or len(rows) < WORTH_A_COPY:
        connection.execute(plan.insert, rows)
        return
    copy_blocks(connection.connection.driver_connection, table, blocks_of(_lines(plan, rows)))


def blocks_of(lines: Iterable[str]) -> Iterator[str]:
    """Lines together, some at a time: the server works on one block while the next is written."""
    waiting = iter(lines)
    while block := list(islice(waiting, _BLOCK)):
        yield "\n".join([*block, ""])


def copy_blocks(driver: Any, table: Table, blocks: Iterable[str]) -> None:
    """Insert rows whose lines stand in COPY's text format already, every column in the order of `table`.

    `driver` is psycopg's connection. Raises SQLAlchemy's IntegrityError like an INSERT.
    """
    import psycopg

    plan = _plan_of(table)
    try:
        with driver.cursor() as cursor, cursor.copy(plan.copy) as copy:
            for block in blocks:
                copy.write(block)
    except psycopg.errors.IntegrityError as error:
        raise IntegrityError(plan.copy, None, error) from error


def copied(text: str) -> str:
    """A text as COPY reads it."""
    if text.isprintable():
        return text if "\\" not in text else text.replace("\\", "\\\\")
    return text.translate(_ESCAPES) if _MEANING.search(text) else text


def copied_column(values: Sequence[Any], text: Callable[[Any], str] | None, nothing: str) -> list[str]:
    """Values of one column as COPY reads them. Texts are looked at together: hardly ever does one hold what COPY would
    misread."""
    if text is copied:
        texts = "".join(filter(None, values))
        text = None if texts.isprintable() and "\\" not in texts else copied
    if text is None:
        return [nothing if value is None else value for value in values]
    return [nothing if value is None else text(value) for value in values]


def copied_json(value: Any) -> str:
    """A JSON value as COPY reads it."""
    return dumps(value).replace("\\", "\\\\")


def _lines(plan: _Plan, rows: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    return ("\t".join([NULL if (value := row[name]) is None else text(value) for name, text in plan.columns])
            for row in rows)


def _plan_of(table: Table) -> _Plan:
    return _plans.get(table) or _plans.setdefault(table, _make_plan(table))


def _make_plan(table: Table) -> _Plan:
    quote = postgresql.dialect().identifier_preparer.quote
    names = ", ".join(quote(column.name) for column in table.c)
    return _Plan(table.insert(), f"COPY {quote(table.name)} ({names}) FROM STDIN",
                 tuple((column.name, _writer(column)) for column in table.c))


def _writer(column: Column[Any]) -> Callable[[Any], str]:
    return next((writer for kind, writer in _WRITERS if isinstance(column.type, kind)), copied)


def _array(numbers: list[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"


_WRITERS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (JSON, copied_json), (Id, str), (Numbers, _array), (UtcDateTime, datetime.isoformat), (Date, date.isoformat),
    (Exact, "{:f}".format), (Boolean, lambda value: "t" if value else "f"), (Integer, str),
)
