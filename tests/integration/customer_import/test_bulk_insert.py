"""Many rows at once arrive as they are, whatever stands in them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Boolean, Column, Date, Integer, MetaData, Table, func, select
from sqlalchemy.exc import IntegrityError

from chassis.db.engine import Database
from chassis.db.types import Exact, Id, Json, PlainText, SortedText, UtcDateTime
from chassis.ids import new_id

TRICKY = ("plain", "", "\\N", "\\.", "a\tb", "a\nb\r\n", "back\\slash", "\\t", "引号\"'", "𠮷", "a,b;c", " ")

COPIED = 20_000  # not in the database yet when the next statement is asked

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


def test_what_is_copied_beside_arrives_before_what_is_asked_next(database):
    if database.is_sqlite:
        return
    first, second = ([line_of(number) for number in range(start, start + 600)] for start in (0, 600))
    with database.unit_of_work() as uow:
        uow.copy(table, iter(first))
        uow.copy(table, iter(second))
        assert uow.execute(select(func.count()).select_from(table)).scalar_one() == 1200
        uow.copy(table, [line_of(1200)])
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 1201


def test_an_error_of_a_copy_beside_comes_out_once_and_a_savepoint_undoes_it(database):
    if database.is_sqlite:
        return
    lines, told = [line_of(number) for number in range(400)], []

    def copy_all(uow):
        with uow.savepoint():
            uow.after_commit(lambda: told.append("all"))
            uow.copy(table, lines)

    with database.unit_of_work() as uow:
        uow.copy(table, lines[:1])
        with pytest.raises(IntegrityError):
            copy_all(uow)
        uow.copy(table, lines[1:])
    assert told == []
    with pytest.raises(IntegrityError), database.unit_of_work() as uow:
        uow.copy(table, lines)  # nothing is asked afterwards: it comes out of the end
    with pytest.raises(ZeroDivisionError), database.unit_of_work() as uow:
        uow.copy(table, (line_of(1000 // (400 - number)) for number in range(401)))
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 400


def line_of(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012}" + f"\t{number}" + "\t\\N" * 8


def test_what_begins_meanwhile_begins_before_rows_are_waited_for(database):
    heard = []
    with database.unit_of_work() as uow:
        uow.meanwhile(lambda: heard.append("meanwhile"))
        if uow.copies(COPIED):
            uow.copy(table, (f"{new_id()}" + "\t\\N" * 9 for _ in range(COPIED)))
            assert heard == []
        uow.execute(select(func.count()).select_from(table))
        assert heard
    with database.read() as connection:
        expected = COPIED if connection.dialect.name == "postgresql" else 0
        assert len(connection.execute(select(table.c.id)).all()) == expected
