"""A service is ready with a database that knows more than it does, and not with one that knows less."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from chassis.db.migrate import migrate
from chassis.http.health import database_ready
from chassis.testkit.harness import Harness
from freehold.services import spec_of


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[Harness]:
    house = Harness(spec_of("customer"), tmp_path / "home", database_url)
    yield house
    house.close()


def stand_at(house: Harness, table: str, version: str) -> None:
    """Let the database say that it stands at a version."""
    with house.service.db.unit_of_work() as uow:
        uow.execute(text(f"UPDATE {table} SET version_num = :version"), {"version": version})


def test_a_service_is_ready_when_its_database_has_what_it_needs(house: Harness) -> None:
    answer = house.call(None, "GET", "/healthz/ready")
    assert answer.status_code == 200
    assert answer.get_json()["checks"] == {"database": True, "schema": True}


def test_after_a_roll_back_the_old_version_is_ready_with_the_newer_tables(house: Harness) -> None:
    stand_at(house, "alembic_version", "9999")
    stand_at(house, "alembic_version_chassis", "c9999")
    assert house.call(None, "GET", "/healthz/ready").status_code == 200
    assert database_ready(house.service)


@pytest.mark.parametrize(("table", "version"),
                         [("alembic_version", "customer0001"), ("alembic_version_chassis", "c0001")])
def test_with_a_database_that_is_behind_it_is_not_ready_and_says_why(house: Harness, table: str, version: str) -> None:
    stand_at(house, table, version)
    answer = house.call(None, "GET", "/healthz/ready")
    assert answer.status_code == 503
    assert answer.get_json()["checks"] == {"database": True, "schema": False}
    assert not database_ready(house.service)


def test_the_old_version_leaves_a_newer_database_as_it_is(house: Harness) -> None:
    stand_at(house, "alembic_version", "9999")
    migrate(house.service.db, house.service.spec.migrations)
    with house.service.db.read() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"
