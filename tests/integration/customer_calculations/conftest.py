"""A customer service on SQLite and on PostgreSQL with customers, their deals and the lines of those."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from chassis.jobs import JobRunner
from chassis.testkit.databases import OwnDatabase
from chassis.testkit.harness import Harness
from services.customer.bootstrap import SPEC
from services.customer.usecases.calculations import recalculate
from services.customer.usecases.calculations.work import calculate_due

ACTIONS = ["create", "read", "update", "delete", "import", "export", "convert"]
_LEVELS = {"choices": [{"value": "A"}, {"value": "B"}]}
_STAGES = {"choices": [{"value": "open"}, {"value": "won"}, {"value": "lost"}]}
CUSTOMER = {"name": "customer", "fields": [
    {"name": "name", "type": "text", "required": True}, {"name": "level", "type": "choice", "options": _LEVELS},
    {"name": "secret", "type": "integer"},
    {"name": "parent_id", "type": "reference", "options": {"object": "customer"}}]}
DEAL = {"name": "deal", "fields": [
    {"name": "name", "type": "text", "required": True}, {"name": "stage", "type": "choice", "options": _STAGES},
    {"name": "price", "type": "money"}, {"name": "quantity", "type": "integer"},
    {"name": "discount", "type": "percent"},
    {"name": "weight", "type": "decimal"}, {"name": "due", "type": "date"}, {"name": "called_at", "type": "datetime"},
    {"name": "customer_id", "type": "reference", "options": {"object": "customer"}}]}


def formula(name: str, expression: str, result: str, **options: Any) -> dict[str, Any]:
    """The definition of a formula field."""
    return {"name": name, "type": "formula", "options": {"expression": expression, "result": result, **options}}


def rollup(name: str, function: str, field: str | None = None, **options: Any) -> dict[str, Any]:
    """The definition of a roll-up of deals on their customer."""
    chosen = {"object": "deal", "reference": "customer_id", "function": function, "field": field, **options}
    return {"name": name, "type": "rollup", "options": {key: value for key, value in chosen.items() if value}}


def grant(scope: str = "all", **fields: str) -> dict[str, Any]:
    """What a role says about an object."""
    return {"actions": ACTIONS, "scope": scope, "fields": fields}


@dataclass
class Shop:
    """The service, its administrator, and a seller who may see everything."""

    harness: Harness
    admin: str
    seller: str

    def call(self, method: str, path: str, json: Any = None, who: str | None = None, **more: Any) -> Any:
        """Ask as the seller, or as somebody else."""
        return self.harness.call(who or self.seller, method, f"/v1{path}", json, **more)

    def good(self, method: str, path: str, json: Any = None, who: str | None = None, **more: Any) -> Any:
        """The body of an answer that must be good."""
        answer = self.call(method, path, json, who, **more)
        assert answer.status_code < 300, answer.json
        return answer.json

    def define(self, object_name: str, *fields: dict[str, Any], status: int = 201) -> Any:
        """Add fields; the last answer's body."""
        for field in fields:
            answer = self.call("POST", f"/objects/{object_name}/fields", field, self.admin)
            assert answer.status_code == status, answer.json
        return answer.json

    def create(self, object_name: str, **values: Any) -> dict[str, Any]:
        """A new record."""
        return self.good("POST", f"/records/{object_name}", {"name": "One", **values})

    def change(self, object_name: str, id: str, **values: Any) -> dict[str, Any]:
        """A changed record."""
        return self.good("PATCH", f"/records/{object_name}/{id}", values)

    def get(self, object_name: str, id: str, who: str | None = None) -> dict[str, Any]:
        """A record."""
        return self.good("GET", f"/records/{object_name}/{id}", who=who)

    def query(self, object_name: str, **body: Any) -> list[dict[str, Any]]:
        """The records of a list."""
        return self.good("POST", f"/records/{object_name}/query", body)["items"]

    def settle(self) -> None:
        """Let the worker do everything that waits."""
        runner = JobRunner(self.harness.service)
        while runner.run_one():
            pass
        while calculate_due(self.harness.service):
            pass


@pytest.fixture
def shop(tmp_path: Path, own_database: OwnDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A shop on a fresh database."""
    monkeypatch.setattr(recalculate, "NOTICED", recalculate.NOTICED * 0)
    url, opened = own_database.begin("shop", lambda url: _opened(tmp_path / "opened", url))
    with closing(opened.harness.on_copy(tmp_path, url)) as harness:
        yield replace(opened, harness=harness)


def _opened(folder: Path, url: str) -> Shop:
    with closing(Harness(SPEC, folder, url)) as harness:
        made = Shop(harness, harness.administrator(), "")
        made.seller = harness.user("Seller", None, (harness.role({"customer": grant(), "deal": grant()}),))
        for definition in (CUSTOMER, DEAL):
            made.good("POST", "/objects", definition, made.admin)
        return made
