"""What is written commits as one, whether it went one by one, in a pipeline or as one statement."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import bindparam, delete, func, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from chassis.db import Database
from chassis.db.prepared import Prepared
from chassis.ids import new_id

from .conftest import effect, metadata, thing

_NAMED = Prepared(select(thing.c.id, thing.c.name).where(thing.c.name == bindparam("name")))
_ADD = thing.insert()
_RENAME = update(thing).where(thing.c.id == bindparam("key")).values(name=bindparam("to"))
_REMOVE = delete(thing).where(thing.c.id == bindparam("key"))


class RefusedError(Exception):
    """What a broken constraint is made into here."""


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url, "test")
    with database.unit_of_work() as uow:
        metadata.create_all(uow.connection, tables=[thing, effect])
    yield database
    database.close()


def rows(database: Database) -> dict[str, str]:
    with database.read() as connection:
        return {row.id: row.name for row in connection.execute(select(thing.c.id, thing.c.name))}


def work(database: Database, *writes: tuple[Any, list[dict[str, Any]]], explain: Any = None) -> None:
    with database.unit_of_work() as uow:
        uow.explain(explain)
        for statement, parameters in writes:
            uow.later(statement, parameters)


def made(database: Database, *names: str) -> list[str]:
    ids = [new_id() for _ in names]
    work(database, (_ADD, [{"id": id, "name": name} for id, name in zip(ids, names, strict=True)]))
    return ids


def test_an_error_says_the_statement_and_no_value(database: Database) -> None:
    with database.read() as connection, pytest.raises(DBAPIError) as caught:
        connection.execute(text("SELECT 1 FROM nowhere WHERE name = :name"), {"name": "王五"})
    assert "nowhere" in str(caught.value)
    assert "王五" not in str(caught.value)


@pytest.mark.parametrize("many", [1, 2, 8, 9, 30])
def test_kept_writes_are_there_after_the_block(database: Database, many: int) -> None:
    names = [f"thing 100% {number}" for number in range(many)]
    made(database, *names)
    assert sorted(rows(database).values()) == sorted(names)


@pytest.mark.parametrize("many", [1, 3, 20])
def test_nothing_of_a_unit_of_work_stays_when_one_write_is_refused(database: Database, many: int) -> None:
    standing = made(database, "first")[0]
    with pytest.raises(IntegrityError):
        work(database, (effect.insert(), [{"name": "trace"}]),
             (_ADD, [{"id": new_id(), "name": "new"} for _ in range(many)]),
             (_ADD, [{"id": standing, "name": "double"}]))
    assert rows(database) == {standing: "first"}
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(effect)).scalar() == 0


def test_nothing_stays_when_the_block_raises(database: Database) -> None:
    def broken_off() -> None:
        with database.unit_of_work() as uow:
            uow.later(_ADD, [{"id": new_id(), "name": "kept back"}])
            uow.execute(_ADD, {"id": new_id(), "name": "sent"})
            raise RefusedError

    with pytest.raises(RefusedError):
        broken_off()
    assert rows(database) == {}


def test_a_broken_constraint_can_be_explained(database: Database) -> None:
    standing = made(database, "first")[0]
    with pytest.raises(RefusedError):
        work(database, (_ADD, [{"id": standing, "name": "double"}]), explain=lambda _: RefusedError())
    assert rows(database) == {standing: "first"}


def test_writes_to_one_row_keep_their_order(database: Database) -> None:
    key = made(database, "first")[0]
    with database.unit_of_work() as uow:
        uow.later(_RENAME, [{"key": key, "to": "second"}])
        uow.later(_REMOVE, [{"key": key}])
        uow.later(_ADD, [{"id": key, "name": "third"}])
        uow.later(_RENAME, [{"key": key, "to": "fourth"}])
    assert rows(database) == {key: "fourth"}


def test_a_row_that_is_read_first_is_held_until_the_end(database: Database) -> None:
    key = made(database, "first")[0]
    with database.unit_of_work() as uow:
        assert [list(row) for row in uow.rows(_NAMED, {"name": "first"})] == [[key, "first"]]
        uow.later(_RENAME, [{"key": key, "to": "second"}])
        assert uow.rows(_NAMED, {"name": "first"}) == []
        assert len(uow.rows(_NAMED, {"name": "second"})) == 1
    assert rows(database) == {key: "second"}


def test_a_prepared_statement_with_a_list_asks_the_same_at_every_call(database: Database) -> None:
    made(database, "a", "b", "c")
    of_list: Any = select(thing.c.name).where(thing.c.name.in_(["a", "b", "z"]), thing.c.name > bindparam("above"))
    prepared = Prepared(of_list.order_by(thing.c.name))
    with database.read() as connection:
        assert [row[0] for row in prepared.rows(connection, {"above": ""})] == ["a", "b"]
        assert [row[0] for row in prepared.rows(connection, {"above": "a"})] == ["b"]


def test_a_connection_is_usable_after_a_refusal(database: Database) -> None:
    standing = made(database, "first")[0]
    for _ in range(30):
        with pytest.raises(IntegrityError):
            work(database, (_ADD, [{"id": standing, "name": "double"}]), (effect.insert(), [{"name": "trace"}]))
    made(database, "second")
    assert sorted(rows(database).values()) == ["first", "second"]


def test_a_connection_that_the_server_has_ended_is_not_handed_out(postgres_url: str) -> None:
    """As when another server has become the primary: nobody who comes after that is refused for it."""
    database = Database(postgres_url, "test")
    with ExitStack() as held:
        connections = [held.enter_context(database.read()) for _ in range(3)]
        pids = [connection.scalar(text("SELECT pg_backend_pid()")) for connection in connections]
    with database.read() as connection:
        own = connection.scalar(text("SELECT pg_backend_pid()"))
        for pid in set(pids) - {own}:
            connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    with ExitStack() as held:
        for _ in range(3):
            assert held.enter_context(database.read()).scalar(text("SELECT 1")) == 1
    database.close()


def test_a_kept_connection_that_is_closed_already_is_not_handed_out(postgres_url: str) -> None:
    database = Database(postgres_url, "test")
    with database.read() as connection:
        kept = connection.connection.dbapi_connection
    assert kept is not None
    kept.close()
    with database.read() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    database.close()
