"""A report service beside a real customer service: one folder, one directory, events handed from one to the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from chassis.calls import Answer
from chassis.db.migrate import migrate
from chassis.jobs import JobRunner
from chassis.service import ServiceSpec, build
from chassis.testkit.databases import OwnDatabase
from chassis.testkit.harness import Harness
from services.customer.bootstrap import SPEC as CUSTOMER
from services.report.bootstrap import SPEC as REPORT
from services.report.store.read_model import ReadModel

EVERY_ACTION = ["create", "read", "update", "delete", "import", "export", "convert"]
STAGES = ("new", "working", "qualified", "converted")


def choices(*values: str, **chinese: str) -> dict[str, Any]:
    """Options of a choice field."""
    labels = {value: {"en": value.title(), "zh-CN": chinese.get(value, value)} for value in values}
    return {"choices": [{"value": value, "label": label} for value, label in labels.items()]}


COMPANY_OBJECT = {
    "name": "customer", "label": {"en": "Customer", "zh-CN": "客户"},
    "fields": [{"name": "name", "type": "text", "required": True, "label": {"en": "Name", "zh-CN": "名称"}}],
}
LEAD = {
    "name": "lead", "label": {"en": "Lead", "zh-CN": "线索"},
    "fields": [
        {"name": "name", "type": "text", "required": True, "label": {"en": "Name", "zh-CN": "姓名"}},
        {"name": "region", "type": "choice", "label": {"en": "Region", "zh-CN": "区域"},
         "options": choices("east", "north", "south", east="华东", north="华北", south="华南")},
        {"name": "status", "type": "choice", "default": "new", "label": {"en": "Status", "zh-CN": "状态"},
         "options": choices(*STAGES)},
        {"name": "expected_amount", "type": "money", "label": {"en": "Amount", "zh-CN": "金额"}},
        {"name": "score", "type": "integer"},
        {"name": "ratio", "type": "decimal", "options": {"scale": 3}},
        {"name": "rate", "type": "percent"},
        {"name": "visited_on", "type": "date"},
        {"name": "called_at", "type": "datetime"},
        {"name": "vip", "type": "boolean"},
        {"name": "tags", "type": "multi_choice", "options": choices("a", "b", "c")},
        {"name": "note", "type": "long_text"},
        {"name": "partner_id", "type": "user"},
        {"name": "customer_id", "type": "reference", "options": {"object": "customer"}},
    ],
}


def grant(scope: str, actions: list[str] | None = None, **fields: str) -> dict[str, Any]:
    """What a role says about an object."""
    return {"actions": EVERY_ACTION if actions is None else actions, "scope": scope, "fields": fields}


@dataclass
class Reporting(Harness):
    """The report service; its calls go to the customer service of the test."""

    customer: Harness | None = None

    def send(self, target: str, method: str, path: str, headers: Mapping[str, str], body: bytes | None,
             timeout: float) -> Answer:
        if target != "customer" or self.customer is None:
            return super().send(target, method, path, headers, body, timeout)
        answer = self.customer.client.open(path, method=method, headers=dict(headers), data=body)
        return Answer(target, answer.status_code, answer.data)


@dataclass
class House:
    """Both services, and what has been handed over."""

    customer: Harness
    report: Reporting
    handed: int = 0
    admin: str = ""
    people: dict[str, str] = field(default_factory=dict)

    @property
    def model(self) -> ReadModel:
        return self.report.service.parts["read_model"]

    def department(self, name: str, parent: str | None = None) -> str:
        id = self.customer.department(name, parent)
        self._tell_report()
        return id

    def user(self, name: str, department: str | None = None, *, permissions: tuple[str, ...] = (), role_key: str = "",
             objects: Mapping[str, Any] | None = None, **more: Any) -> str:
        """A user with a role of his own."""
        role = self.customer.role(objects or {}, permissions)
        if role_key:
            body = self.customer.service.directory.snapshot().roles[role]
            self.customer.update("roles", dict(body) | {"key": role_key})
        id = self.customer.user(name, department, (role,), **more)
        self._tell_report()
        return id

    def _tell_report(self) -> None:
        snapshot = self.customer.service.directory.snapshot(fresh=True)
        for plural in ("departments", "roles", "users"):
            known = getattr(self.report.service.directory.snapshot(), plural)
            for id, body in getattr(snapshot, plural).items():
                if id not in known:
                    self.report.update(plural, body)

    def ask(self, who: str, path: str, json: Any = None, method: str = "POST", **more: Any) -> Any:
        """A request to the report service."""
        return self.report.call(who, method, f"/v1{path}", json, **more)

    def answer(self, who: str, asked: dict[str, Any]) -> dict[str, Any]:
        """The answer to a query about leads."""
        answer = self.ask(who, "/query", {"object": "lead", **asked})
        assert answer.status_code == 200, answer.json
        return answer.json

    def count(self, who: str, criteria: Any = None) -> int:
        return int(self.answer(who, {"criteria": criteria})["rows"][0]["values"][0])

    def write(self, method: str, path: str, json: Any = None, who: str | None = None) -> Any:
        """A request to the customer service."""
        answer = self.customer.call(who or self.admin, method, f"/v1{path}", json)
        assert answer.status_code < 300, answer.json
        return answer.json

    def lead(self, who: str | None = None, **values: Any) -> dict[str, Any]:
        return self.write("POST", "/records/lead", {"name": "王五", **values}, who)

    def events(self) -> list[Any]:
        """What the customer service has published and nobody was handed yet."""
        messages = self.customer.published()[self.handed:]
        self.handed += len(messages)
        return messages

    def sync(self) -> None:
        """Hand everything over."""
        messages = self.events()
        if messages:
            self.report.deliver(*messages)

    def rebuild(self) -> None:
        with self.report.service.db.unit_of_work() as uow:
            from services.report.usecases.rebuild import ask_for_rebuild

            ask_for_rebuild(uow, self.report.service.settings.node)
        assert JobRunner(self.report.service).run_one()

    def close(self) -> None:
        for harness in (self.report, self.customer):
            harness.close()
        self.model.file.close()


@pytest.fixture
def make_house(tmp_path: Path) -> Iterator[Callable[..., House]]:
    """`make_house(customer_url, report_url)`; None is SQLite."""
    made: list[House] = []

    def make(customer_url: str | None = None, report_url: str | None = None, **env: str) -> House:
        customer = Harness(CUSTOMER, tmp_path, customer_url)
        report = Reporting(REPORT, tmp_path, report_url, env=env, customer=customer)
        customer.neighbours["report", "GET", "/.well-known/jwks.json"] = lambda _: (200, report.service.signer.jwks())
        house = House(customer, report)
        made.append(house)
        return house

    yield make
    for house in made:
        house.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database_urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[str]]:
    """A database for each of the two services, with its tables."""
    states = request.getfixturevalue(f"{request.param}_states")
    own = [OwnDatabase(states), OwnDatabase(states)]
    yield [database.begin(f"tables_of_{spec.name}", partial(_migrated, spec, tmp_path / "migrated"))[0]
           for spec, database in zip((CUSTOMER, REPORT), own, strict=True)]
    for database in own:
        database.drop()


@pytest.fixture
def house(database_urls: list[str], make_house: Callable[..., House]) -> House:
    """A company with its objects, whose read model is built and follows."""
    house = make_house(*database_urls)
    found(house)
    return house


def _migrated(spec: ServiceSpec, folder: Path, url: str) -> None:
    """Make the tables of a service."""
    service = build(spec, env={"FREEHOLD_HOME": str(folder), "FREEHOLD_DATABASE_URL": url})
    migrate(service.db, spec.migrations)
    service.close()


def found(house: House) -> None:
    """The administrator, the objects, and a read model that is complete."""
    house.admin = house.customer.administrator()
    house._tell_report()
    for definition in (COMPANY_OBJECT, LEAD):
        house.write("POST", "/objects", definition)
    house.sync()
    house.rebuild()
