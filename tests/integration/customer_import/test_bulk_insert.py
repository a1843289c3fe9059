"""Many rows at once arrive as they are, whatever stands in them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Boolean, Column, Date, Integer, MetaData, Table, select
from sqlalchemy.exc import IntegrityError

from chassis.db.engine import Database
from chassis.db.types import Exact, Id, Json, PlainText, SortedText, UtcDateTime
from chassis.ids import new_id

TRICKY = ("plain", "", "\\N", "\\.", "a\tb", "a\nb\r\n", "back\\slash", "\\t", "引号\"'", "𠮷", "a,b;c", " ")

table = Table(
    "bulk", MetaData(),
    Column("id", Id(), primary_key=True), Column("text", PlainText()), Column("title", SortedText()),
    Column("at", UtcDateTime()), Column("day", Date), Column("amount", Exact(18, 2)), Column("count", Integer),
    Column("flag", Boolean), Column("body", Json()), Column("select", PlainText()))


@pytest.fixture
def database(database_url):
    made = Database(database_url, "test")
    with made.unit_of_work() as uow:
        table.metadata.create_all(uow.connection)
    yield made
    made.close()


def row(text: str | None) -> dict:
    full = text is not None
    return {"id": new_id(), "text": text, "title": text, "select": text,
            "at": datetime(2026, 3, 1, 8, 30, 0, 123000, tzinfo=UTC) if full else None,
            "day": date(2026, 3, 1) if full else None, "amount": Decimal("1E+3") if full else None,
            "count": -5 if full else None, "flag": False if full else None,
            "body": {"text": text, "list": [1, None]} if full else None}


@pytest.mark.parametrize("times", [1, 5])
def test_rows_come_back_as_they_went_in(database, times):
    rows = sorted((row(text) for text in (*TRICKY, None) * times), key=lambda one: one["id"])
    with database.unit_of_work() as uow:
        uow.insert_many(table, rows)
    with database.read() as connection:
        assert [dict(one._mapping) for one in connection.execute(select(table).order_by(table.c.id))] == rows


def test_a_broken_constraint_is_the_same_error_as_of_an_insert_and_a_savepoint_undoes_it(database):
    rows = [row(str(number)) for number in range(20)]
    with database.unit_of_work() as uow:
        uow.insert_many(table, rows[:1])
        with pytest.raises(IntegrityError), uow.connection.begin_nested():
            uow.insert_many(table, rows)
        uow.insert_many(table, rows[1:])
    with database.read() as connection:
        assert len(connection.execute(select(table.c.id)).all()) == 20
