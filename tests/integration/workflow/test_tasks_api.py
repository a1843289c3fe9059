"""Tasks over the API: who sees and changes which, dates, links, delegation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chassis.clock import to_wire, utcnow
from chassis.ids import new_id
from chassis.testkit.contracts import violations
from services.workflow.events import NOTIFICATION_REQUESTED, TASK_CHANGED
from tests.integration.workflow.conftest import World


def make(world: World, who: str, **more: Any) -> dict[str, Any]:
    answer = world.call("POST", "/v1/tasks", {"title": "Call back"} | more, as_user=who)
    assert answer.status_code == 201, answer.json
    return answer.json


def titles(world: World, who: str, query: str = "") -> list[str]:
    answer = world.call("GET", f"/v1/tasks{query}", as_user=who)
    assert answer.status_code == 200, answer.json
    return [task["title"] for task in answer.json["items"]]


def manager(world: World, scope: str, department: str | None, *actions: str) -> str:
    role = world.harness.role({"task": {"actions": list(actions or ("read",)), "scope": scope, "fields": {}}})
    return world.harness.user("Manager", department, (role,))


def test_a_task_without_an_assignee_is_ones_own_and_nobody_is_told(world: World) -> None:
    wang = world.sellers[0]
    task = make(world, wang)
    assert (task["assignee_id"], task["assignee_name"], task["state"]) == (wang, "Wang", "open")
    assert task["created_by"] == {"kind": "person", "id": wang, "name": "Wang"}
    assert world.harness.published(NOTIFICATION_REQUESTED) == []


def test_delegation_tells_the_new_assignee_and_both_keep_sight_of_the_task(world: World) -> None:
    wang, li, zhao = world.sellers
    task = make(world, wang)
    answer = world.call("PATCH", f"/v1/tasks/{task['id']}", {"assignee_id": li}, as_user=wang)
    assert answer.json["assignee_name"] == "Li"
    told = world.harness.published(NOTIFICATION_REQUESTED)[0].data["notifications"]
    assert [(one["user_id"], one["template"], one["params"]["by"]) for one in told] == [(li, "task_assigned", "Wang")]
    assert titles(world, li) == ["Call back"]
    assert titles(world, wang) == []
    assert titles(world, wang, "?view=created") == ["Call back"]
    assert titles(world, zhao, "?view=visible") == []
    for method, path in (("GET", ""), ("PATCH", ""), ("POST", "/complete"), ("POST", "/reopen"), ("POST", "/cancel")):
        body = {} if method == "PATCH" else None
        assert world.call(method, f"/v1/tasks/{task['id']}{path}", body, as_user=zhao).status_code == 404


def test_somebody_who_was_hired_a_moment_ago_is_given_a_task_at_once(world: World) -> None:
    newcomer = {"id": new_id(), "version": 999, "name": "New", "username": "new", "active": True, "role_ids": []}
    world.harness.neighbours["gateway", "GET", "/v1/directory"] = lambda _: (200, {
        "version": 999, "users": [newcomer], "departments": [], "roles": []})
    assert make(world, world.sellers[0], assignee_id=newcomer["id"])["assignee_name"] == "New"


@pytest.mark.parametrize(("scope", "seen"), [
    ("own", []), ("department", ["East"]), ("department_and_below", ["East", "Below"]),
    ("all", ["East", "Below", "West"])])
def test_a_role_shows_tasks_by_its_data_scope(world: World, scope: str, seen: list[str]) -> None:
    below, west = world.harness.department("Below", world.east), world.harness.department("West")
    for name, department in (("East", world.east), ("Below", below), ("West", west)):
        make(world, world.harness.user(name, department), title=name)
    boss = manager(world, scope, world.east)
    assert titles(world, boss, "?view=visible&sort=created_at") == seen


def test_who_may_only_read_may_not_change(world: World) -> None:
    task = make(world, world.sellers[0])
    reader = manager(world, "department", world.east)
    writer = manager(world, "department", world.east, "read", "update")
    path = f"/v1/tasks/{task['id']}"
    assert world.call("GET", path, as_user=reader).status_code == 200
    assert world.call("PATCH", path, {"title": "x"}, as_user=reader).json["code"] == "task_not_yours"
    assert world.call("POST", f"{path}/complete", as_user=reader).status_code == 403
    assert world.call("POST", f"{path}/complete", as_user=writer).json["completed_by"] == writer


def test_tasks_move_with_their_assignee_to_another_department(world: World) -> None:
    wang, west = world.sellers[0], world.harness.department("West")
    make(world, wang)
    user = world.harness.service.directory.snapshot().users[wang] | {"department_id": west, "version": 999}
    world.harness.deliver(world.harness.message("freehold.gateway.directory.changed.v1", {
        "version": 999, "users": [user], "departments": [], "roles": []}))
    assert titles(world, manager(world, "department", world.east), "?view=visible") == []
    assert titles(world, manager(world, "department", west), "?view=visible") == ["Call back"]


def test_the_most_urgent_task_comes_first_and_one_without_a_date_last(world: World) -> None:
    wang, now = world.sellers[0], utcnow()
    make(world, wang, title="none")
    for title, hours in (("later", 50), ("late", -3), ("soon", 1)):
        make(world, wang, title=title, due_at=to_wire(now + timedelta(hours=hours)))
    assert titles(world, wang) == ["late", "soon", "later", "none"]
    assert titles(world, wang, "?due=overdue") == ["late"]
    assert titles(world, wang, "?sort=-created_at")[0] == "soon"
    page = world.call("GET", "/v1/tasks?limit=3", as_user=wang).json
    rest = world.call("GET", f"/v1/tasks?limit=3&cursor={page['next_cursor']}", as_user=wang).json
    assert [task["title"] for task in rest["items"]] == ["none"]
    summary = world.call("GET", "/v1/tasks/summary", as_user=wang).json
    assert (summary["open"], summary["overdue"]) == (4, 1)


def test_a_task_is_completed_once_and_can_be_reopened(world: World) -> None:
    wang = world.sellers[0]
    path = f"/v1/tasks/{make(world, wang)['id']}"
    done = world.call("POST", f"{path}/complete", as_user=wang, headers={"If-Match": '"1"'})
    assert (done.json["state"], done.json["completed_by"], done.json["version"]) == ("done", wang, 2)
    assert world.call("POST", f"{path}/complete", as_user=wang).json["version"] == 2
    assert world.call("PATCH", path, {"title": "x"}, as_user=wang).json["code"] == "task_closed"
    assert world.call("POST", f"{path}/cancel", as_user=wang).status_code == 409
    assert world.call("POST", f"{path}/reopen", as_user=wang, headers={"If-Match": '"1"'}).status_code == 412
    opened = world.call("POST", f"{path}/reopen", as_user=wang).json
    assert (opened["state"], opened["completed_at"]) == ("open", None)
    assert world.call("POST", f"{path}/cancel", as_user=wang).json["state"] == "cancelled"
    from chassis.jsonio import loads

    events = world.harness.published(TASK_CHANGED)
    assert [message.data["action"] for message in events] == ["created", "completed", "updated", "cancelled"]
    assert [violations(loads(message.to_json())) for message in events] == [[]] * 4


def test_a_linked_record_is_read_with_the_callers_own_token(world: World) -> None:
    id, wang = new_id(), world.sellers[0]
    world.harness.neighbours["customer", "GET", f"/v1/records/lead/{id}"] = lambda _: (
        200, {"id": id, "version": 4, "name": "Acme"})
    task = make(world, wang, link={"object": "lead", "id": id})
    assert task["link"] == {"object": "lead", "id": id, "title": "Acme"}
    token = world.harness.asked[-1].headers["Authorization"].removeprefix("Bearer ")
    assert token != world.harness.service.own_token()
    assert titles(world, wang, f"?object=lead&record_id={id}") == ["Call back"]
    hidden = world.call("POST", "/v1/tasks", {"title": "x", "link": {"object": "lead", "id": new_id()}}, as_user=wang)
    assert [(error["pointer"], error["code"]) for error in hidden.json["errors"]] == [("/link/id", "record_unknown")]


WRONG = [
    ({"title": "  "}, "/title", "required"), ({"title": "x" * 301}, "/title", "too_long"),
    ({"title": None}, "/title", "required"), ({"title": "a\u0000"}, "/title", "control_characters"),
    ({"due_at": "tomorrow"}, "/due_at", "not_a_moment"), ({"due_at": 5}, "/due_at", "not_a_moment"),
    ({"due_at": "0001-01-01T00:00:00+14:00"}, "/due_at", "not_a_moment"),
    ({"due_at": "2026-01-01T00:00:00"}, "/due_at", "not_a_moment"),
    ({"assignee_id": "me"}, "/assignee_id", "not_an_id"), ({"assignee_id": new_id()}, "/assignee_id", "user_unknown"),
    ({"kind": "nope"}, "/kind", "task_kind_unknown"), ({"link": {"object": "lead"}}, "/link/id", "required"),
    ({"link": {"object": "A b", "id": new_id()}}, "/link/object", "not_a_name"), ({"x": 1}, "/x", "unknown_field"),
]


def test_what_is_wrong_with_a_task_is_named_with_its_place(world: World) -> None:
    for wrong, pointer, code in WRONG:
        answer = world.call("POST", "/v1/tasks", {"title": "Call back"} | wrong, as_user=world.sellers[0])
        assert answer.status_code == 422, (wrong, answer.json)
        assert [(error["pointer"], error["code"]) for error in answer.json["errors"]] == [(pointer, code)]


def test_kinds_of_tasks_are_put_by_key_as_often_as_one_likes(world: World) -> None:
    body = {"name": {"en": "First contact", "zh-CN": "首次联系"}}
    for _ in range(2):
        answer = world.call("PUT", "/v1/task-kinds/first_contact", body)
        assert (answer.status_code, answer.json) == (200, body | {
            "key": "first_contact", "position": 100, "active": True})
    assert world.call("POST", "/v1/task-kinds", body | {"key": "first_contact"}).status_code == 409
    assert world.call("POST", "/v1/task-kinds", body | {"key": "visit", "position": 1}).status_code == 201
    assert world.call("PUT", "/v1/task-kinds/Bad Key", body).status_code == 422
    assert world.call("PUT", "/v1/task-kinds/visit", body, as_user=world.sellers[0]).status_code == 403
    listed = world.call("GET", "/v1/task-kinds", as_user=world.sellers[0]).json["items"]
    assert [kind["key"] for kind in listed] == ["visit", "first_contact"]
    assert make(world, world.sellers[0], kind="visit")["kind"] == "visit"
