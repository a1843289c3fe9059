"""Fixtures of all tests: real servers once per run, an empty database or broker per test.

`postgres` and `rabbit` are the servers. `postgres_url` is an empty database of its own for one test,
`make_postgres_database` makes several (or one per module), `database_url` runs a test on SQLite and PostgreSQL;
`own_database` does so too, for tests that begin with a state which many have in common.
`broker_vhost` is an empty virtual host, `rabbit_url("customer")` the address of that service's login in it.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from chassis.db.unit_of_work import UnitOfWork
from chassis.events.message import Message
from chassis.testkit import contracts
from chassis.testkit.databases import OwnDatabase, SqliteFolder, States
from chassis.testkit.quick_folder import make_quick_folder
from chassis.testkit.servers import PostgresServer, RabbitServer, postgres_server, rabbit_server
from tests.support.sharing_out import SharingOut, longest_first

QUICK_FOLDER = pytest.StashKey[Path | None]()


def pytest_configure(config: pytest.Config) -> None:
    """A run that is asked to end (SIGTERM) ends like one that is interrupted: servers stop, folders go."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    settings.register_profile("freehold", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("freehold")  # how quick the machine is, no test asks
    if _may_work_in_memory(config):
        config.stash[QUICK_FOLDER] = folder = make_quick_folder()
        if folder:
            os.environ["TMPDIR"] = tempfile.tempdir = str(folder)  # workers and servers inherit it


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """What a good run wrote into memory goes with it; what a failed one left can be looked at until the next."""
    folder = session.config.stash.get(QUICK_FOLDER, None)
    if folder and exitstatus == 0:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `--dist loadfile`: whole files, the longest first, see tests/support/sharing_out.py."""
    if config.getvalue("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False
    return SharingOut(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Workers that share files out put them in order first; all of them in the same."""
    if hasattr(config, "workerinput"):
        longest_first(items)


def _may_work_in_memory(config: pytest.Config) -> bool:
    """Not where somebody chose a folder (a worker's is its controller's), nor for servers that are whole machines."""
    return "TMPDIR" not in os.environ and not any("deploy" in Path(arg).parts for arg in config.args)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The PostgreSQL server of this run."""
    with postgres_server(fsync=False) as server:
        yield server


@pytest.fixture(scope="session")
def rabbit() -> Iterator[RabbitServer]:
    """The RabbitMQ server of this run."""
    with rabbit_server() as server:
        yield server


@pytest.fixture(scope="session")
def make_postgres_database(postgres: PostgresServer) -> Callable[[str], str]:
    """A factory: `make_postgres_database("customer")` gives the URL of a new, empty database."""

    def make(label: str = "test") -> str:
        return postgres.createdb(f"{label}_{secrets.token_hex(4)}")

    return make


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """URL of an empty PostgreSQL database for this test, which ends with it: thousands of them would fill the disk."""
    name = f"test_{secrets.token_hex(4)}"
    yield postgres.createdb(name)
    postgres.dropdb(name)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """URL of an empty SQLite file for this test."""
    return f"sqlite:///{tmp_path / 'test.sqlite3'}"


@pytest.fixture(scope="session")
def sqlite_states(tmp_path_factory: pytest.TempPathFactory) -> States:
    """States of SQLite databases that tests of this run begin with."""
    return States(SqliteFolder(tmp_path_factory.mktemp("states")))


@pytest.fixture(scope="session")
def postgres_states(postgres: PostgresServer) -> States:
    """States of PostgreSQL databases that tests of this run begin with."""
    return States(postgres)


@pytest.fixture(params=["sqlite", "postgres"])
def own_database(request: pytest.FixtureRequest) -> Iterator[OwnDatabase]:
    """A database of its own, empty or begun: the test runs once on SQLite and once on PostgreSQL."""
    own = OwnDatabase(request.getfixturevalue(f"{request.param}_states"))
    yield own
    own.drop()


@pytest.fixture
def sqlite_database(sqlite_states: States) -> Iterator[OwnDatabase]:
    """The same on SQLite only: a test that has nothing to do with the database overrides `own_database` by it."""
    own = OwnDatabase(sqlite_states)
    yield own
    own.drop()


@pytest.fixture
def database_url(own_database: OwnDatabase) -> str:
    """URL of an empty database: the test runs once on SQLite and once on PostgreSQL."""
    return own_database.empty()


@pytest.fixture
def broker_vhost(rabbit: RabbitServer) -> str:
    """An empty virtual host of the broker for this test."""
    return rabbit.new_vhost()


@pytest.fixture
def rabbit_url(rabbit: RabbitServer, broker_vhost: str) -> Callable[[str], str]:
    """`rabbit_url("customer")`: AMQP URL of that service's login in this test's own virtual host."""
    return lambda service: rabbit.url(service, broker_vhost)


@pytest.fixture
def broker_url(rabbit_url: Callable[[str], str]) -> str:
    """AMQP URL of the customer service in this test's own virtual host."""
    return rabbit_url("customer")


@pytest.fixture(autouse=True)
def events_keep_their_contract(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every event that a service publishes in any test is held to its schema in contracts/events."""
    if "chassis" in request.path.parts:  # the chassis' own tests publish what is no service's event
        yield
        return
    broken: list[str] = []
    publish = UnitOfWork.publish

    def publish_and_check(uow: UnitOfWork, type: str, subject: str | None, data: dict[str, Any]) -> Message:
        message = publish(uow, type, subject, data)
        if type not in contracts.event_types():
            broken.append(f"{type} has no schema")
        else:
            event = contracts.sample(json.loads(message.to_json()))
            broken.extend(f"{type} {violation}" for violation in contracts.violations(event))
        return message

    monkeypatch.setattr(UnitOfWork, "publish", publish_and_check)
    yield
    assert broken == [], "events that break their contract were published"
