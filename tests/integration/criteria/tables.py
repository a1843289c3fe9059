"""The same records in SQLite, PostgreSQL and DuckDB, and the answers of each to many criteria in one
statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import duckdb
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Date,
    Engine,
    Integer,
    MetaData,
    Select,
    Table,
    create_engine,
    event,
    select,
)

from chassis.criteria import address_line, encode_multi, register_sqlite_functions, render_duckdb
from chassis.db.types import CHINESE_COLLATION, Exact, Id, PlainText, SortedText, UtcDateTime, chinese_collation

TABLE = Table(
    "record",
    MetaData(),
    Column("id", Id(), primary_key=True),
    Column("name", SortedText()),
    Column("note", SortedText()),
    *(Column(name, PlainText()) for name in ("code", "phone", "email", "site", "area", "stage", "tags", "friend_ids")),
    Column("place", SortedText()),
    *(Column(name, PlainText()) for name in ("place_city", "place_street", "papers")),
    Column("quantity", Integer()),
    Column("ratio", Exact(18, 6)),
    Column("share", Exact(18, 2)),
    *(Column(f"{name}_amount", Exact(18, 2)) for name in ("budget", "spent")),
    *(Column(f"{name}_currency", PlainText()) for name in ("budget", "spent")),
    Column("due", Date()),
    Column("seen", UtcDateTime()),
    Column("active", Boolean()),
    *(Column(name, Id()) for name in ("owner_id", "department_id", "customer_id")),
)
_INNER = {
    f"{name}.{part}": TABLE.c[f"{name}_{part}"] for name in ("budget", "spent") for part in ("amount", "currency")
} | {f"place.{part}": TABLE.c[f"place_{part}"] for part in ("city", "street")}
COLUMNS: dict[str, ColumnElement[Any]] = dict(TABLE.c.items()) | _INNER

Row = dict[str, Any]
Answers = dict[str, list[bool]]


def to_row(identity: str, record: dict[str, Any]) -> Row:
    """The record as the tables store it."""
    row = record | {"id": identity} | {name: encode_multi(record[name]) for name in ("tags", "friend_ids")}
    place = row["place"] or {}
    row |= {"place": address_line(place) or None, "place_city": place.get("city"), "place_street": place.get("street"),
            "papers": None if record["papers"] is None else "[]"}
    for name in ("budget", "spent"):
        row[f"{name}_amount"], row[f"{name}_currency"] = row.pop(name) or (None, None)
    return row


class BackEnd(Protocol):
    def judge(self, rows: Sequence[Row], conditions: Sequence[ColumnElement[bool]]) -> Answers: ...


def _statement(conditions: Iterable[ColumnElement[bool]]) -> Select[Any]:
    return select(TABLE.c.id, *(one.label(f"c{number}") for number, one in enumerate(conditions)))


def _answers(rows: Iterable[Sequence[Any]]) -> Answers:
    return {identity: list(judged) for identity, *judged in rows}


class SqlAlchemyBackEnd:
    """A database reached through SQLAlchemy; every judgement is rolled back."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        TABLE.metadata.create_all(engine)

    def judge(self, rows: Sequence[Row], conditions: Sequence[ColumnElement[bool]]) -> Answers:
        with self.engine.connect() as connection:
            connection.execute(TABLE.insert(), list(rows))
            answers = _answers(connection.execute(_statement(conditions)))
            connection.rollback()
        return {str(identity): judged for identity, judged in answers.items()}


_DUCKDB_TYPES = {Boolean: "BOOLEAN", Integer: "INTEGER", Date: "DATE", UtcDateTime: "TIMESTAMPTZ"}


class DuckDBBackEnd:
    """The engine of the reports, asked with rendered text and values."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(f"CREATE TABLE record ({', '.join(map(_duckdb_column, TABLE.c))})")

    def judge(self, rows: Sequence[Row], conditions: Sequence[ColumnElement[bool]]) -> Answers:
        self.connection.execute("DELETE FROM record")
        names = TABLE.c.keys()
        one = f"({', '.join('?' * len(names))})"
        values = [row[name] for row in rows for name in names]
        self.connection.execute(f"INSERT INTO record VALUES {', '.join([one] * len(rows))}", values)
        return _answers(self.connection.execute(*render_duckdb(_statement(conditions))).fetchall())


def _duckdb_column(column: Column[Any]) -> str:
    if isinstance(column.type, Exact):
        return f"{column.name} DECIMAL(18, {column.type.scale})"
    return f"{column.name} {_DUCKDB_TYPES.get(type(column.type), 'VARCHAR')}"


def sqlite_engine() -> Engine:
    engine = create_engine("sqlite://")

    @event.listens_for(engine, "connect")
    def _teach(connection: Any, _record: Any) -> None:
        register_sqlite_functions(connection)
        connection.create_collation(CHINESE_COLLATION, chinese_collation)

    return engine
