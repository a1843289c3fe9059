"""Several processes take in people at once, in whatever order they come: none waits for ever, the newest stays."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from chassis.auth.directory import apply_changes
from chassis.db import Database
from chassis.db.tables import directory_entity, directory_state
from chassis.db.tables import metadata as chassis_tables
from chassis.ids import new_id

USERS = [new_id() for _ in range(30)]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url, "test")
    with database.unit_of_work() as uow:
        chassis_tables.create_all(uow.connection, tables=[directory_entity, directory_state])
    yield database
    database.close()


def take_in(database: Database, ids: list[str], version: int) -> None:
    """One unit of work of several messages, as a consumer that gathers has them."""
    with database.unit_of_work() as uow:
        for id in ids:
            apply_changes(uow, {"users": [{"id": id, "version": version, "name": f"v{version}"}]})


def test_opposite_orders_do_not_lock_each_other_out(database: Database) -> None:
    failures: list[Exception] = []
    together = threading.Barrier(4)

    def keep_taking_in(ids: list[str], first: int) -> None:
        try:
            together.wait(30)
            for version in range(first, 40, 4):
                take_in(database, ids, version)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=keep_taking_in, args=(ids, first))
               for first, ids in enumerate((USERS, USERS[::-1], USERS[15:] + USERS[:15], USERS[::-1]))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not failures
    with database.read() as connection:
        assert set(connection.execute(select(directory_entity.c.version)).scalars()) == {39}


def test_an_older_body_changes_nothing_but_is_counted(database: Database) -> None:
    take_in(database, USERS[:1], 5)
    take_in(database, USERS[:1], 4)
    with database.read() as connection:
        state: Any = connection.execute(select(directory_state)).one()
        assert connection.execute(select(directory_entity.c.version)).scalars().all() == [5]
    assert state.version == 2
    assert not state.complete
