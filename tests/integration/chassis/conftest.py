"""A small service of the test's own: one table, one event, one view."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, select

from chassis.calls import Answer
from chassis.db import Id, PlainText, UnitOfWork
from chassis.events import Message, Subscription
from chassis.events.local import LocalBroker
from chassis.events.rabbit import RabbitBroker
from chassis.http.openapi import ServiceBlueprint
from chassis.http.parsing import StrictSchema, Text
from chassis.http.writes import writes
from chassis.ids import new_id
from chassis.service import Service, ServiceSpec, build

MADE = "freehold.customer.thing.made.v1"

metadata = MetaData()
thing = Table("thing", metadata, Column("id", Id(), primary_key=True), Column("name", PlainText(), nullable=False))
effect = Table("effect", metadata, Column("id", Integer, primary_key=True), Column("name", PlainText(), nullable=False))


@dataclass
class Trouble:
    """How the handler fails, names → how often still, and whether it wants anything."""

    failures: dict[str, int] = field(default_factory=dict)
    error: type[Exception] = RuntimeError
    calls: list[list[str]] = field(default_factory=list)
    wanted: bool = True


class NoNeighbours:
    """A transport on which nobody answers."""

    def send(self, target: str, *_: Any) -> Answer:
        return Answer(target, 599, b"")


def make_thing(service: Service, name: str) -> None:
    """Change and event in one unit of work."""
    with service.db.unit_of_work() as uow:
        uow.execute(thing.insert(), {"id": new_id(), "name": name})
        uow.publish(MADE, "thing", {"name": name})


def effects(service: Service) -> list[str]:
    with service.db.read() as connection:
        return list(connection.execute(select(effect.c.name).order_by(effect.c.id)).scalars())


class ThingSchema(StrictSchema):
    """A thing."""

    name = Text(required=True, max=20)


def blueprint() -> ServiceBlueprint:
    things = ServiceBlueprint("things", __name__, url_prefix="/v1/things")

    @things.route("", methods=["POST"])
    @writes
    @things.arguments(ThingSchema)
    @things.response(201, ThingSchema)
    def create(data: dict[str, Any], uow: UnitOfWork) -> dict[str, Any]:
        uow.execute(thing.insert(), {"id": new_id(), "name": data["name"]})
        uow.publish(MADE, "thing", data)
        return data

    return things


@pytest.fixture
def trouble() -> Trouble:
    return Trouble()


@pytest.fixture
def spec(trouble: Trouble, tmp_path: Path) -> Iterator[ServiceSpec]:
    package = f"things_{new_id()[-8:]}"
    (tmp_path / package).mkdir()
    (tmp_path / package / "__init__.py").write_text("")
    sys.path.insert(0, str(tmp_path))

    def handle(service: Service, uow: UnitOfWork, messages: list[Message]) -> None:
        names = [message.data["name"] for message in messages]
        trouble.calls.append(names)
        uow.execute(effect.insert(), [{"name": name} for name in names])
        for name in names:
            if trouble.failures.get(name, 0) > 0:
                trouble.failures[name] -= 1
                raise trouble.error(f"cannot take {name}")

    yield ServiceSpec(name="customer", package="chassis", metadata=metadata, migrations=package,
                      blueprints=(blueprint(),), subscriptions=(
                          Subscription("customer.things", (MADE,), handle, wanted=lambda _: trouble.wanted),))
    sys.path.remove(str(tmp_path))


@pytest.fixture(params=["local", "rabbit"])
def make_broker(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Any]:
    if request.param == "local":
        return lambda: LocalBroker(tmp_path / "broker.db")
    url = request.getfixturevalue("rabbit_url")("customer")
    return lambda: RabbitBroker(url, "test")


@pytest.fixture
def service(spec: ServiceSpec, database_url: str, make_broker: Callable[[], Any], tmp_path: Path) -> Iterator[Service]:
    env = {"FREEHOLD_HOME": str(tmp_path), "FREEHOLD_DATABASE_URL": database_url, "FREEHOLD_RETRY_DELAYS": "0.2,0.4",
           "FREEHOLD_DEFAULT_LOCALE": "en"}
    live = build(spec, env=env, broker=make_broker(), transport=NoNeighbours())
    live.prepare()
    with live.db.unit_of_work() as uow:
        metadata.create_all(uow.connection)
    yield live
    live.close()
