"""One company for all permission tests: five roles, five callers, records at four distances from each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest

from tests.support.house import House, open_house

from .stage import stage

AMOUNT = "7391.25"  # of every lead, and of nothing else
CRM = ("lead", "customer", "contact", "opportunity", "activity")
READ = ["read", "export"]
WRITE = ["create", "read", "update", "export", "convert"]
DISTANCES = ("own", "colleague", "below", "elsewhere")

# role → (actions, scope, field rules, permissions)
ROLES: dict[str, tuple[list[str], str, dict[str, str], list[str]]] = {
    "rep": (WRITE, "own", {}, []),
    "deputy": (READ, "department", {"expected_amount": "none", "note": "read", "phone": "masked"}, []),
    "manager": ([*WRITE, "delete", "import"], "department_and_below", {"phone": "read"}, ["rules.manage"]),
    "auditor": (READ, "all", {}, ["audit.read", "system.read"]),
}


@dataclass
class World:
    """Callers by role, and leads by (role, distance from its caller)."""

    house: House
    callers: dict[str, str] = field(default_factory=dict)
    leads: dict[str, dict[str, str]] = field(default_factory=dict)
    phones: dict[str, str] = field(default_factory=dict)  # lead → its telephone, as it is kept
    files: dict[str, str] = field(default_factory=dict)  # lead → the file attached to it
    made: dict[str, str] = field(default_factory=dict)  # what stands on the leads: a view, segments, a board
    deleted: dict[str, dict[str, str]] = field(default_factory=dict)  # like `leads`, of those in the bin
    statuses: list[str] = field(default_factory=list)

    @property
    def all_leads(self) -> set[str]:
        return {id for distances in self.leads.values() for id in distances.values()}

    def of(self, leads: set[str]) -> World:
        """The same, with no other leads than these."""
        return replace(self, files={id: file for id, file in self.files.items() if id in leads}, leads={
            role: {distance: id for distance, id in distances.items() if id in leads}
            for role, distances in self.leads.items()})


@pytest.fixture(scope="package", params=["sqlite", "postgres"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    make: Callable[[str], str] | None = None
    if request.param == "postgres":
        make = request.getfixturevalue("make_postgres_database")
    with open_house(tmp_path_factory.mktemp("permissions"), make) as house:
        world = _furnish(house)
        stage(world)
        yield world


def _furnish(house: House) -> World:
    world = World(house, {"administrator": house.admin_id})
    north = _department(house, "North", None)
    for role, (actions, scope, fields, permissions) in ROLES.items():
        role_id = house.good(house.admin_id, "POST", "/api/gateway/v1/roles", {
            "key": f"matrix_{role}", "name": {"en": role, "zh-CN": role}, "permissions": permissions,
            "objects": {name: {"actions": actions, "scope": scope, "fields": fields if name == "lead" else {}}
                        for name in CRM}})["id"]
        here = _department(house, f"{role} department", None)
        world.callers[role] = _user(house, role, here, role_id)
        owners = {"own": world.callers[role], "colleague": _user(house, f"{role}.colleague", here, role_id),
                  "below": _user(house, f"{role}.below", _department(house, f"{role} team", here), role_id),
                  "elsewhere": _user(house, f"{role}.elsewhere", north, role_id)}
        world.leads[role] = {distance: _lead(world, owner, f"{role} {distance}") for distance, owner in owners.items()}
    return world


def _department(house: House, name: str, parent: str | None) -> str:
    top = next(d["id"] for d in house.good(house.admin_id, "GET", "/api/gateway/v1/departments?limit=200")["items"]
               if not d["parent_id"])
    return house.good(house.admin_id, "POST", "/api/gateway/v1/departments",
                      {"name": name, "parent_id": parent or top})["id"]


def _user(house: House, username: str, department: str, role: str) -> str:
    return house.good(house.admin_id, "POST", "/api/gateway/v1/users", {
        "username": username, "name": username, "department_id": department, "role_ids": [role], "locale": "en",
        "timezone": "UTC"})["id"]


def _lead(world: World, owner: str, name: str) -> str:
    phone = f"1380013{len(world.phones):04d}"
    id = world.house.good(world.house.admin_id, "POST", "/api/customer/v1/records/lead", {
        "name": name, "company": "Matrix Ltd", "owner_id": owner, "note": "secret note", "phone": phone,
        "mobile": "13900139999", "expected_amount": {"amount": AMOUNT, "currency": "CNY"}})["id"]
    world.phones[id] = f"+86{phone}"
    return id
