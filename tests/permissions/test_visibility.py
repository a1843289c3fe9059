"""Which records a caller sees, asked at every surface and compared with a table written by hand."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import DISTANCES, ROLES, World

# role → the distances at which it sees a lead; the auditor and the administrator see everybody's
SEEN = {
    "rep": {"own"},
    "deputy": {"own", "colleague"},
    "manager": {"own", "colleague", "below"},
    "auditor": {"own", "colleague", "below", "elsewhere"},
    "administrator": {"own", "colleague", "below", "elsewhere"},
}
ALL = ("auditor", "administrator")
LEADS = "/api/customer/v1/records/lead"


def expected(world: World, role: str) -> set[str]:
    if role in ALL:
        return world.all_leads
    return {id for distance, id in world.leads[role].items() if distance in SEEN[role]}


def ids(page: Any) -> set[str]:
    assert page["next_cursor"] is None
    return {item["id"] for item in page["items"]}


def by_list(world: World, user: str) -> set[str]:
    return ids(world.house.good(user, "GET", f"{LEADS}?limit=200"))


def by_query(world: World, user: str) -> set[str]:
    everything = {"any": [{"field": "company", "op": "is_set"}, {"field": "company", "op": "is_empty"}]}
    return ids(world.house.good(user, "POST", f"{LEADS}/query", {"limit": 200, "criteria": everything}))


def by_search(world: World, user: str) -> set[str]:
    return ids(world.house.good(user, "GET", f"{LEADS}?limit=200&q=matrix"))


def by_get(world: World, user: str) -> set[str]:
    answers = {id: world.house.call(user, "GET", f"{LEADS}/{id}")[0] for id in world.all_leads}
    assert set(answers.values()) <= {200, 404}
    return {id for id, status in answers.items() if status == 200}


def by_timeline(world: World, user: str) -> set[str]:
    answers = {id: world.house.call(user, "GET", f"{LEADS}/{id}/timeline")[0] for id in world.all_leads}
    assert set(answers.values()) <= {200, 404}
    return {id for id, status in answers.items() if status == 200}


def by_export(world: World, user: str) -> set[str]:
    status, body = world.house.call(user, "POST", f"{LEADS}/export", {"format": "csv", "fields": ["id", "name"]})
    assert status == 200, body
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    return {row[0] for row in rows[1:]}


SURFACES: dict[str, Callable[[World, str], set[str]]] = {
    "list": by_list, "query": by_query, "search": by_search, "get": by_get, "timeline": by_timeline,
    "export": by_export}


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("role", SEEN)
def test_each_surface_shows_exactly_what_the_table_says(world: World, role: str, surface: str) -> None:
    assert SURFACES[surface](world, world.callers[role]) == expected(world, role)


@pytest.mark.parametrize("role", SEEN)
def test_the_report_counts_exactly_what_the_table_says(world: World, role: str) -> None:
    def count() -> int:
        answer = world.house.good(world.callers[role], "POST", "/api/report/v1/query", {
            "object": "lead", "measures": [{"op": "count"}], "dimensions": []})
        return int(answer["rows"][0]["values"][0]) if answer["rows"] else 0

    until = time.monotonic() + 20
    while count() != len(expected(world, role)) and time.monotonic() < until:
        time.sleep(0.1)
    assert count() == len(expected(world, role))


@pytest.mark.parametrize("role", SEEN)
def test_the_duplicate_check_names_only_what_the_caller_sees(world: World, role: str) -> None:
    user = world.callers[role]
    for distances in world.leads.values():
        for id in distances.values():
            name = world.house.good(world.house.admin_id, "GET", f"{LEADS}/{id}")["name"]
            found = world.house.good(user, "POST", f"{LEADS}/duplicates", {
                "values": {"name": name, "company": "Matrix Ltd"}})
            assert {item["id"] for item in found["items"]} <= expected(world, role)


@pytest.mark.parametrize("distance", DISTANCES)
@pytest.mark.parametrize("role", ROLES)
def test_a_change_reaches_only_what_is_seen_and_may_be_changed(world: World, role: str, distance: str) -> None:
    user, id = world.callers[role], world.leads[role][distance]
    may, sees = "update" in ROLES[role][0], distance in SEEN[role]
    status, _ = world.house.call(user, "PATCH", f"{LEADS}/{id}", {"job_title": f"{role} was here"})
    assert status == (200 if may and sees else 404 if may else 403)
    _, batch = world.house.call(user, "POST", f"{LEADS}/batch", {
        "operations": [{"action": "update", "id": id, "values": {"job_title": "batch"}}], "atomic": False})
    outcome = batch["results"][0]["status"] if "results" in batch else batch["status"]
    assert outcome == (200 if may and sees else 404 if may else 403)


@pytest.mark.parametrize(("role", "field", "access"), [
    ("deputy", "expected_amount", "none"), ("deputy", "note", "read"), ("manager", "phone", "read"),
    ("rep", "expected_amount", "write"), ("auditor", "expected_amount", "write")])
def test_a_field_rule_holds_on_every_surface(world: World, role: str, field: str, access: str) -> None:
    user, own = world.callers[role], world.leads[role]["own"]
    call, hidden = world.house.call, access == "none"
    assert (field not in world.house.good(user, "GET", f"{LEADS}/{own}")) == hidden
    assert (field not in world.house.good(user, "GET", f"{LEADS}?limit=1")["items"][0]) == hidden
    definition = world.house.good(user, "GET", "/api/customer/v1/objects/lead")
    assert (field not in {one["name"] for one in definition["fields"]}) == hidden
    criteria = {"field": field, "op": "is_set"}
    assert (call(user, "POST", f"{LEADS}/query", {"criteria": criteria})[0] == 422) == hidden
    assert (call(user, "GET", f"{LEADS}?sort={field}")[0] == 422) == (hidden or field == "note")
    exported = call(user, "POST", f"{LEADS}/export", {"format": "csv", "fields": ["name", field]})
    assert (exported[0] == 422) == hidden
    report = call(user, "POST", "/api/report/v1/query", {
        "object": "lead", "measures": [{"op": "count"}], "dimensions": [], "criteria": criteria})
    assert (report[0] == 422) == hidden
    timeline = world.house.good(user, "GET", f"{LEADS}/{own}/timeline?limit=50")
    told = {change["field"] for item in timeline["items"] for change in item["changes"] or ()}
    if hidden:
        assert field not in told


@pytest.mark.parametrize(("role", "field", "value", "status"), [
    ("manager", "phone", "13900001111", {403, 422}), ("manager", "company", "New name", {200}),
    ("rep", "phone", "13900001112", {200})])
def test_a_field_that_may_only_be_read_cannot_be_written(
        world: World, role: str, field: str, value: str, status: set[int]) -> None:
    user, own = world.callers[role], world.leads[role]["own"]
    assert world.house.call(user, "PATCH", f"{LEADS}/{own}", {field: value})[0] in status


def test_a_cursor_of_somebody_else_is_refused(world: World) -> None:
    mine = world.house.good(world.callers["auditor"], "GET", f"{LEADS}?limit=2")["next_cursor"]
    assert world.house.call(world.callers["administrator"], "GET", f"{LEADS}?limit=2&cursor={mine}")[0] == 422
    assert world.house.call(world.callers["auditor"], "GET", f"{LEADS}?limit=2&sort=name&cursor={mine}")[0] == 422
    assert world.house.call(world.callers["auditor"], "GET", f"{LEADS}?limit=2&cursor={mine}")[0] == 200


def test_somebody_elses_tasks_and_messages_are_not_to_be_had(world: World) -> None:
    rep, deputy = world.callers["rep"], world.callers["deputy"]
    task = world.house.good(rep, "POST", "/api/workflow/v1/tasks", {"title": "我的"})
    for method, path in (("GET", ""), ("POST", "/complete")):
        assert world.house.call(deputy, method, f"/api/workflow/v1/tasks/{task['id']}{path}",
                                None if method == "GET" else {})[0] == 404
    assert task["id"] not in {item["id"] for item in world.house.good(deputy, "GET", "/api/workflow/v1/tasks")["items"]}
