"""A customer service on SQLite and on PostgreSQL, with two teams, a lead and a customer object."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from chassis.testkit.databases import OwnDatabase
from chassis.testkit.harness import Harness
from services.customer.bootstrap import SPEC

CUSTOMER = {
    "name": "customer", "label": {"en": "Customer", "zh-CN": "客户"},
    "fields": [{"name": "name", "type": "text", "required": True, "label": {"en": "Name", "zh-CN": "名称"}},
               {"name": "phone", "type": "phone"}],
}
CONTACT = {
    "name": "contact", "label": {"en": "Contact", "zh-CN": "联系人"},
    "fields": [{"name": "name", "type": "text", "required": True},
               {"name": "customer_id", "type": "reference", "options": {"object": "customer"}}],
}
LEAD = {
    "name": "lead", "label": {"en": "Lead", "zh-CN": "线索"}, "plural": {"en": "Leads", "zh-CN": "线索"},
    "list_fields": ["name", "company", "region"],
    "fields": [
        {"name": "name", "type": "text", "required": True, "label": {"en": "Name", "zh-CN": "姓名"}},
        {"name": "company", "type": "text"},
        {"name": "phone", "type": "phone", "indexed": True},
        {"name": "email", "type": "email"},
        {"name": "region", "type": "choice", "indexed": True, "label": {"en": "Region", "zh-CN": "区域"},
         "options": {"choices": [{"value": "east", "label": {"en": "East", "zh-CN": "华东"}},
                                 {"value": "north", "label": {"en": "North", "zh-CN": "华北"}}]}},
        {"name": "status", "type": "choice", "default": "new",
         "options": {"choices": [{"value": "new"}, {"value": "working"}, {"value": "converted"}]}},
        {"name": "expected_amount", "type": "money", "label": {"en": "Amount", "zh-CN": "金额"}},
        {"name": "score", "type": "integer", "options": {"min": 0, "max": 100}},
        {"name": "rate", "type": "percent"},
        {"name": "visited_on", "type": "date"},
        {"name": "called_at", "type": "datetime"},
        {"name": "vip", "type": "boolean"},
        {"name": "tags", "type": "multi_choice",
         "options": {"choices": [{"value": "a"}, {"value": "b"}, {"value": "c"}]}},
        {"name": "note", "type": "long_text"},
        {"name": "site", "type": "url"},
        {"name": "place", "type": "region"},
        {"name": "partner_id", "type": "user"},
        {"name": "code", "type": "text", "unique": True, "options": {"max_length": 40}},
        {"name": "number", "type": "auto_number", "options": {"prefix": "L-", "digits": 5}},
        {"name": "customer_id", "type": "reference", "options": {"object": "customer"}},
    ],
    "duplicate_rules": [{"fields": ["phone"]}, {"fields": ["email"]}, {"fields": ["name", "company"]}],
    "conversion": {
        "creates": [{"object": "customer", "fields": {"name": "company", "phone": "phone"}},
                    {"object": "contact", "fields": {"name": "name"}, "references": {"customer_id": "customer"}}],
        "set": {"status": "converted"}, "references": {"customer_id": "customer"}},
}
EVERY_ACTION = ["create", "read", "update", "delete", "import", "export", "convert"]


def grant(scope: str, actions: list[str] | None = None, **fields: str) -> dict[str, Any]:
    """What a role says about an object."""
    return {"actions": EVERY_ACTION if actions is None else actions, "scope": scope, "fields": fields}


@dataclass
class Company:
    """People of the harness: an administrator, and a salesperson with his colleague and boss in two teams."""

    harness: Harness
    admin: str
    east: str
    east_team: str
    north: str
    wang: str
    li: str
    boss: str

    def call(self, who: str | None, method: str, path: str, json: Any = None, **more: Any) -> Any:
        """Send a request; `path` is below /v1."""
        return self.harness.call(who, method, f"/v1{path}", json, **more)

    def lead(self, who: str, **values: Any) -> dict[str, Any]:
        """A new lead of somebody."""
        answer = self.call(who, "POST", "/records/lead", {"name": "王五", **values})
        assert answer.status_code == 201, answer.json
        return answer.json

    def seller(self, department: str, entry: dict[str, Any], **objects: Any) -> str:
        """A new person whose role says this about leads."""
        role = self.harness.role({"lead": entry, "customer": grant("all"), "contact": grant("all"), **objects})
        return self.harness.user("Person", department, (role,))


@pytest.fixture
def company(tmp_path: Path, own_database: OwnDatabase) -> Iterator[Company]:
    """A company with its objects, on a fresh database."""
    url, founded = own_database.begin("company", lambda url: _founded(tmp_path / "founded", url))
    with closing(founded.harness.on_copy(tmp_path, url)) as harness:
        yield replace(founded, harness=harness)


def _founded(folder: Path, url: str) -> Company:
    with closing(Harness(SPEC, folder, url)) as harness:
        return _found(harness)


def _found(harness: Harness) -> Company:
    east = harness.department("East")
    team = harness.department("East 1", east)
    north = harness.department("North")
    objects = {"customer": grant("all"), "contact": grant("all")}
    seller = harness.role({"lead": grant("own"), **objects})
    boss = harness.role({"lead": grant("department_and_below"), **objects})
    made = Company(harness, harness.administrator(), east, team, north,
                   harness.user("王芳", team, (seller,)), harness.user("李雷", north, (seller,)),
                   harness.user("Boss", east, (boss,)))
    for definition in (CUSTOMER, CONTACT, LEAD):
        answer = made.call(made.admin, "POST", "/objects", definition)
        assert answer.status_code == 201, answer.json
    return made
