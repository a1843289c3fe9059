"""Which records a caller sees, asked at every surface and compared with a table written by hand."""

from __future__ import annotations

import pytest

from tests.support.bpmn import start, user, xml

from .conftest import DISTANCES, ROLES, World
from .surfaces import COUNTS, LEADS, SURFACES, as_text, pairs, patiently

# role → the distances at which it sees a lead; the auditor and the administrator see everybody's
SEEN = {
    "rep": {"own"},
    "deputy": {"own", "colleague"},
    "manager": {"own", "colleague", "below"},
    "auditor": {"own", "colleague", "below", "elsewhere"},
    "administrator": {"own", "colleague", "below", "elsewhere"},
}
ALL = ("auditor", "administrator")


def expected(world: World, role: str) -> set[str]:
    if role in ALL:
        return world.all_leads
    return {id for distance, id in world.leads[role].items() if distance in SEEN[role]}


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("role", SEEN)
def test_each_surface_shows_exactly_what_the_table_says(world: World, role: str, surface: str) -> None:
    assert SURFACES[surface](world, world.callers[role]).ids == expected(world, role)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("role", SEEN)
def test_each_count_is_exactly_that_of_the_table(world: World, role: str, count: str) -> None:
    wanted = len(expected(world, role))
    patiently(lambda: COUNTS[count](world, world.callers[role]) == wanted)  # reports follow behind
    assert COUNTS[count](world, world.callers[role]) == wanted


@pytest.mark.parametrize("role", SEEN)
def test_a_pair_is_shown_to_who_sees_both_records(world: World, role: str) -> None:
    seen = expected(world, role)
    assert pairs(world, world.callers[role]).ids == (seen if len(seen) > 1 else set())


@pytest.mark.parametrize("role", [role for role in ROLES if "delete" in ROLES[role][0]])
def test_the_bin_shows_what_the_caller_would_see(world: World, role: str) -> None:
    shown = as_text(world.house.good(world.callers[role], "GET", "/api/customer/v1/bin/lead?limit=200"))
    for one, distances in world.deleted.items():
        for distance, id in distances.items():
            assert (id in shown) == (one == role and distance in SEEN[role]), (one, distance)
    gone = world.deleted[role]["elsewhere"]
    assert world.house.call(world.callers[role], "POST", f"/api/customer/v1/bin/lead/{gone}/restore")[0] == 404


@pytest.mark.parametrize("role", [role for role in ROLES if "update" in ROLES[role][0]])
def test_a_bulk_job_and_its_undoing_reach_exactly_what_the_caller_may_change(world: World, role: str) -> None:
    user, jobs = world.callers[role], "/api/customer/v1/bulk-jobs"
    job = world.house.good(user, "POST", jobs, {
        "object": "lead", "action": "update", "values": {"job_title": f"bulk {role}"}, "criteria": {
            "field": "company", "op": "eq", "value": "Matrix Ltd"}})["id"]
    for state, titles in (("finished", expected(world, role)), ("undone", set())):
        if state == "undone":
            world.house.good(user, "POST", f"{jobs}/{job}/undo")
        patiently(lambda state=state: world.house.good(user, "GET", f"{jobs}/{job}")["state"] == state)
        found = world.house.good(world.callers["auditor"], "POST", f"{LEADS}/query", {
            "limit": 200, "criteria": {"field": "job_title", "op": "eq", "value": f"bulk {role}"}})
        assert {one["id"] for one in found["items"]} == titles, state
    others = next(one for name, one in world.callers.items() if name not in (role, "administrator"))
    for path in ("", "/refused", "/kept", "/refused.csv"):
        assert world.house.call(others, "GET", f"{jobs}/{job}{path}")[0] == 404


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


def test_a_process_is_started_over_what_one_sees_and_seen_by_who_takes_part(world: World) -> None:
    rep, deputy, manager = (world.callers[name] for name in ("rep", "deputy", "manager"))
    house, base = world.house, "/api/workflow/v1"
    people = f'<fh:person id="{manager}"/>'
    process = house.good(world.callers["administrator"], "POST", f"{base}/processes", {
        "name": {"en": "Look"}, "object": "lead", "xml": xml(start(), user("Look", people), flows="Start>Look")})
    path = f"{base}/processes/{process['id']}/instances"
    assert house.call(rep, "POST", path, {"record_id": world.leads["rep"]["elsewhere"]})[0] == 422
    instance = house.good(rep, "POST", path, {"record_id": world.leads["rep"]["own"]})
    one = f"{base}/instances/{instance['id']}"
    for method, below, body in (("GET", "", None), ("GET", "/diagram", None), ("GET", "/history", None),
                                ("POST", "/withdraw", {})):
        assert house.call(deputy, method, one + below, body)[0] == 404
    assert house.good(deputy, "GET", f"{base}/instances")["items"] == []
    tasks = house.good(manager, "GET", f"{base}/tasks?record_id={world.leads['rep']['own']}")["items"]
    (task,) = (one for one in tasks if one["process"] and one["process"]["instance_id"] == instance["id"])
    bodies = {"decide": {"outcome": "done"}, "hand-over": {"person_id": deputy}, "send-back": {"to": "Look"},
              "add-approver": {"person_id": deputy}}
    for what, body in bodies.items():
        assert house.call(deputy, "POST", f"{base}/tasks/{task['id']}/{what}", body)[0] == 404
    seen = house.good(manager, "GET", one)
    assert (seen["link"]["id"], seen["link"]["title"]) == (world.leads["rep"]["own"], None)
    house.good(manager, "POST", f"{base}/tasks/{task['id']}/decide", {"outcome": "done"})
    assert house.good(rep, "GET", one)["state"] == "completed"
    ended = [house.call(manager, "POST", f"{one}/{what}", body)[0]
             for what, body in (("retry", {}), ("messages", {"name": "x"}))]
    assert ended == [409, 409]
