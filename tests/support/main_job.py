"""The main job, step by step over the REST API: from a messy sheet of leads to a decision."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.product import Person, Product, new_password

ENDED = ("finished", "failed", "cancelled")
AT_ONCE = 16 << 20


@dataclass
class Company:
    """The people of the story: an administrator, the East team, and somebody of the North."""

    admin: Person
    east: str
    north: str
    sellers: dict[str, Person] = field(default_factory=dict)  # user id → signed in
    northerner: Person | None = None


def eventually(claim: Callable[[], Any], what: str, seconds: float = 90) -> Any:
    """Return what `claim` says as soon as it is true."""
    until = time.monotonic() + seconds
    while True:
        found = claim()
        if found:
            return found
        assert time.monotonic() < until, f"not in time: {what}"
        time.sleep(0.2)


def found_company(product: Product) -> Company:
    """Make departments and people over the API."""
    admin = product.administrator()
    top = next(d for d in admin.get("/api/gateway/v1/departments", limit=100)["items"] if not d["parent_id"])
    east, north = (admin.post("/api/gateway/v1/departments", {"name": name, "parent_id": top["id"]})["id"]
                   for name in ("华东销售部", "North sales"))
    roles = {role["key"]: role["id"] for role in admin.get("/api/gateway/v1/roles", limit=100)["items"]}
    company = Company(admin, east, north)
    for username, name in (("wang.fang", "王芳"), ("li.wei", "李伟"), ("emma.chen", "Emma Chen")):
        id, person = _hire(product, admin, username, name, east, roles["sales_rep"])
        company.sellers[id] = person
    _, company.northerner = _hire(product, admin, "zhao.lei", "赵磊", north, roles["sales_rep"])
    return company


def _hire(product: Product, admin: Person, username: str, name: str, department: str, role: str) -> tuple[str, Person]:
    password = new_password()
    made = admin.post("/api/gateway/v1/users", {
        "username": username, "name": name, "email": f"{username}@example.com", "department_id": department,
        "role_ids": [role], "locale": "en", "timezone": "Asia/Shanghai", "password": password})
    return made["id"], product.sign_in(username, password)


def write_rule(company: Company) -> str:
    """Write the rule of the story; returns its id."""
    rule = company.admin.post("/api/workflow/v1/rules", {
        "name": {"en": "Large leads in the East", "zh-CN": "华东大额线索"}, "object": "lead",
        "trigger": {"on": "created"},
        "criteria": {"all": [{"field": "region", "op": "eq", "value": "east"},
                             {"field": "expected_amount", "op": "gte", "value": "100000"}]},
        "actions": [{"type": "assign", "to": {"department_id": company.east, "method": "round_robin"}},
                    {"type": "create_task", "title": {"en": "First contact within 24 hours",
                                                      "zh-CN": "24 小时内首次联系"},
                     "due_in": "24h", "assignee": "owner", "kind": "first_contact"},
                    {"type": "notify", "to": "owner", "template": "lead_assigned"}],
        "active": True, "position": 1})
    return rule["id"]


def upload(person: Person, sheet: Path) -> dict[str, Any]:
    """Upload a sheet of leads and take over the suggested mapping."""
    made = upload_at_once(person, sheet) if sheet.stat().st_size <= AT_ONCE else upload_in_pieces(person, sheet)
    mapping = {str(column["index"]): column["suggestion"] for column in made["columns"] if column["suggestion"]}
    return person.call("PATCH", f"/api/customer/v1/imports/{made['id']}",
                       {"mapping": mapping, "duplicates": "skip", "run_rules": True}).ok()


def upload_at_once(person: Person, sheet: Path) -> dict[str, Any]:
    """Send a sheet of leads in one request."""
    return person.post("/api/customer/v1/imports", fields={"object": "lead", "file": (sheet.name, sheet.read_bytes())})


def upload_in_pieces(person: Person, sheet: Path) -> dict[str, Any]:
    """Send a sheet of leads as large ones are sent."""
    path = "/api/customer/v1/imports/uploads"
    begun = person.post(path, {"object": "lead", "filename": sheet.name, "size": sheet.stat().st_size})
    with sheet.open("rb") as source:
        while piece := source.read(begun["piece"]):
            person.call("PUT", f"{path}/{begun['id']}", piece, offset=source.tell() - len(piece)).ok()
    return person.post(f"{path}/{begun['id']}/finish")


def run_step(person: Person, import_id: str, step: str, until: tuple[str, ...]) -> dict[str, Any]:
    """Start `check` or `start` and wait for its end."""
    address = f"/api/customer/v1/imports/{import_id}"
    person.post(f"{address}/{step}")
    return eventually(lambda: (now := person.get(address))["state"] in until and now, f"{step} of the import", 240)


def count_leads(person: Person, criteria: Mapping[str, Any] | None = None) -> int:
    """Count what a person sees, by walking through all pages."""
    body: dict[str, Any] = {"fields": ["name"]} | ({"criteria": criteria} if criteria else {})
    return len(person.all_of("/api/customer/v1/records/lead/query", body))


def numbers_by(person: Person, dimension: str) -> Counter[str | None]:
    """Ask the report for the leads by one field."""
    answer = person.post("/api/report/v1/query", {
        "object": "lead", "measures": [{"op": "count"}], "dimensions": [{"field": dimension}], "limit": 200})
    return Counter({row["keys"][0]: int(row["values"][0]) for row in answer["rows"]})


def lists_by(person: Person, field_name: str) -> Counter[str | None]:
    """Count the same from the lists."""
    rows = person.all_of("/api/customer/v1/records/lead/query", {"fields": [field_name]})
    return Counter(row[field_name] for row in rows)
