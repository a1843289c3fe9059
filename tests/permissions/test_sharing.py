"""What was shared is seen on every surface by exactly those it was shared with, and by nobody after it was taken back.

Ways that lead to a record beside the data scope: a share with a person, a role or a department, membership of the
team, a sharing rule over values, and a reference that is followed. Each is laid on leads of a stranger, asked at every
surface as every role, and taken away again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from .conftest import ROLES, World
from .surfaces import BELOW_RECORDS, COUNTS, LEADS, SURFACES, patiently
from .test_visibility import expected

RULES = "/api/customer/v1/sharing/rules"


def strangers(world: World, role: str) -> list[str]:
    """Leads that the caller does not see by his scope."""
    return sorted(world.all_leads - expected(world, role))


@contextmanager
def by_share(world: World, role: str, lead: str, grantee: str, **more: Any) -> Iterator[None]:
    admin, path = world.house.admin_id, f"{LEADS}/{lead}/shares"
    made = world.house.good(admin, "POST", path, {"grantee": grantee, **more})["id"]
    try:
        yield
    finally:
        assert world.house.call(admin, "DELETE", f"{path}/{made}")[0] == 204


@contextmanager
def by_person(world: World, role: str, lead: str) -> Iterator[None]:
    with by_share(world, role, lead, f"user:{world.callers[role]}"):
        yield


@contextmanager
def by_team(world: World, role: str, lead: str) -> Iterator[None]:
    with by_share(world, role, lead, f"user:{world.callers[role]}", team="presales", level="write"):
        yield


@contextmanager
def by_role(world: World, role: str, lead: str) -> Iterator[None]:
    roles = world.house.good(world.house.admin_id, "GET", f"/api/gateway/v1/users/{world.callers[role]}")["role_ids"]
    with by_share(world, role, lead, f"role:{roles[0]}"):
        yield


@contextmanager
def by_department(world: World, role: str, lead: str) -> Iterator[None]:
    user = world.house.good(world.house.admin_id, "GET", f"/api/gateway/v1/users/{world.callers[role]}")
    with by_share(world, role, lead, f"department_and_below:{user['department_id']}"):
        yield


@contextmanager
def by_rule(world: World, role: str, lead: str) -> Iterator[None]:
    admin = world.house.admin_id
    made = world.house.good(admin, "POST", RULES, {
        "object": "lead", "name": {"en": "rule"}, "criteria": {"field": "job_title", "op": "eq", "value": "for rule"},
        "grantees": [f"user:{world.callers[role]}"]})["id"]
    world.house.good(admin, "PATCH", f"{LEADS}/{lead}", {"job_title": "for rule"})
    try:
        yield
    finally:
        world.house.good(admin, "PATCH", f"{LEADS}/{lead}", {"job_title": None})
        assert world.house.call(admin, "DELETE", f"{RULES}/{made}")[0] == 204


@contextmanager
def by_relation(world: World, role: str, lead: str) -> Iterator[None]:
    """The lead points at a customer of the caller's."""
    admin, good = world.house.admin_id, world.house.good
    field = "/api/customer/v1/objects/lead/fields/converted_customer_id"
    before = next(one for one in good(admin, "GET", "/api/customer/v1/objects/lead")["fields"]
                  if one["name"] == "converted_customer_id")["options"]
    good(admin, "PATCH", field, {"options": before | {"follow": "read"}})
    customer = good(admin, "POST", "/api/customer/v1/records/customer", {
        "name": f"Followed by {role} {lead}", "owner_id": world.callers[role]})["id"]
    good(admin, "PATCH", f"{LEADS}/{lead}", {"converted_customer_id": customer})
    try:
        yield
    finally:
        good(admin, "PATCH", f"{LEADS}/{lead}", {"converted_customer_id": None})
        good(admin, "PATCH", field, {"options": before})


@contextmanager
def by_pool(world: World, role: str, lead: str) -> Iterator[None]:
    """The lead lies in a public pool that the caller is a member of; its telephone is masked."""
    admin, good = world.house.admin_id, world.house.good
    owner = good(admin, "GET", f"{LEADS}/{lead}")["owner_id"]
    pool = good(admin, "POST", "/api/customer/v1/pools", {
        "object": "lead", "name": {"en": f"Pool of {role}"}, "members": [f"user:{world.callers[role]}"],
        "masked": ["phone"]})["id"]
    good(admin, "POST", f"{LEADS}/{lead}/return", {"pool_id": pool})
    try:
        yield
    finally:
        good(admin, "POST", f"{LEADS}/{lead}/assign", {"user_id": owner})
        good(admin, "PATCH", f"/api/customer/v1/pools/{pool}", {"active": False})


WAYS: dict[str, Callable[[World, str, str], Any]] = {
    "person": by_person, "team": by_team, "role": by_role, "department": by_department, "rule": by_rule,
    "relation": by_relation, "pool": by_pool}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("role", ["rep", "deputy", "manager"])
def test_each_way_shows_one_record_more_on_every_surface_and_nothing_after(world: World, role: str, way: str) -> None:
    lead, usual, user = strangers(world, role)[0], expected(world, role), world.callers[role]
    assert ROLES[role][1] != "all"
    near = world.of({lead, *strangers(world, role)[1:2], *sorted(usual)[:1]})
    with WAYS[way](world, role, lead):
        _agree(world, near, user, usual | {lead})
    _agree(world, near, user, usual)


def _agree(world: World, near: World, user: str, wanted: set[str]) -> None:
    """What lies below a record is asked of the lead, of another stranger and of one that is seen anyhow."""
    for name, surface in SURFACES.items():
        asked = near if name in BELOW_RECORDS else world
        assert surface(asked, user).ids == wanted & asked.all_leads, name
    for name, count in COUNTS.items():
        patiently(lambda count=count: count(world, user) == len(wanted))  # reports follow behind
        assert count(world, user) == len(wanted), name


@pytest.mark.parametrize(("level", "status"), [("read", 403), ("write", 200)])
def test_only_a_share_for_writing_lets_a_record_be_changed(world: World, level: str, status: int) -> None:
    lead, user = strangers(world, "rep")[0], world.callers["rep"]
    with by_share(world, "rep", lead, f"user:{user}", level=level):
        assert world.house.call(user, "PATCH", f"{LEADS}/{lead}", {"job_title": "shared"})[0] == status
        batch = world.house.good(user, "POST", f"{LEADS}/batch", {
            "operations": [{"action": "update", "id": lead, "values": {"job_title": "batch"}}], "atomic": False})
        assert batch["results"][0]["status"] == status
        assert world.house.call(user, "POST", f"{LEADS}/{lead}/shares", {"grantee": f"user:{user}"})[0] == 403
    world.house.good(world.house.admin_id, "PATCH", f"{LEADS}/{lead}", {"job_title": None})


def test_a_field_rule_holds_for_what_was_shared_too(world: World) -> None:
    lead, user = strangers(world, "deputy")[0], world.callers["deputy"]
    with by_share(world, "deputy", lead, f"user:{user}", level="write"):
        assert "expected_amount" not in world.house.good(user, "GET", f"{LEADS}/{lead}")
        told = world.house.good(user, "GET", f"{LEADS}/{lead}/timeline?limit=50")
        assert "expected_amount" not in {change["field"] for item in told["items"] for change in item["changes"]}
