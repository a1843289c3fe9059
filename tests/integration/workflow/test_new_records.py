"""Records that rules create: with values of their own, copied and worked out, exactly once, and told in the run."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chassis.ids import new_id
from chassis.jobs import JobRunner
from chassis.jsonio import dumps, loads
from chassis.testkit.contracts import violations
from services.workflow.consumers import OBJECT_CHANGED
from services.workflow.events import NOTIFICATION_REQUESTED, RUN_RECORDED
from services.workflow.usecases import carrying_out
from tests.integration.workflow.conftest import World, a_change, a_rule
from tests.integration.workflow.test_dry_runs import play, start, tried
from tests.integration.workflow.test_exactly_once import make_due
from tests.integration.workflow.test_processes import Office, person
from tests.support.bpmn import service, user
from tests.support.bpmn import start as begin

PROJECT = {
    "name": "project", "label": {"en": "Project"}, "title_field": "name", "version": 1, "fields": [
        {"name": "name", "type": "text", "label": {"en": "Name"}, "required": True, "options": {"max_length": 30}},
        {"name": "lead", "type": "reference", "label": {"en": "L"}, "required": False, "options": {"object": "lead"}},
        {"name": "ticket", "type": "reference", "label": {"en": "T"}, "required": False, "options": {"object": "t"}},
        {"name": "budget", "type": "money", "label": {"en": "Budget"}, "required": False,
         "options": {"currency": "CNY"}},
        {"name": "starts_on", "type": "date", "label": {"en": "Starts"}, "required": False, "options": {}},
        {"name": "share", "type": "decimal", "label": {"en": "Share"}, "required": False, "options": {"scale": 2}},
        {"name": "stage", "type": "text", "label": {"en": "Stage"}, "required": True, "default": "new", "options": {}},
        {"name": "seller", "type": "user", "label": {"en": "Seller"}, "required": False, "options": {}},
    ],
}
PATH = "/v1/records/project/batch"
VALUES = {"name": {"formula": 'CONCAT("Project ", name)'}, "lead": {"from": "id"},
          "budget": {"from": "expected_amount"}, "starts_on": "$today", "share": {"formula": "score / 8"}}
CREATE = {"type": "create_record", "object": "project", "values": VALUES, "owner": "owner"}


@pytest.fixture
def projects(world: World) -> list[dict[str, Any]]:
    """What the customer service was asked to create; it answers a repeated call with the same records."""
    kept: dict[str, Any] = {}
    made: list[dict[str, Any]] = []

    def create(json: Any) -> tuple[int, Any]:
        key = world.harness.asked[-1].headers["Idempotency-Key"]
        if key not in kept:
            made.extend(one["values"] for one in json["operations"])
            kept[key] = {"results": [{"status": 201, "record": {"id": f"0190c0de-0000-7000-8000-{len(kept):06}{n:06}"}}
                                     for n, _ in enumerate(json["operations"])]}
        return 200, kept[key]

    world.harness.neighbours["customer", "POST", PATH] = create
    world.harness.deliver(world.harness.message(OBJECT_CHANGED, {"object": PROJECT, "deleted": False}))
    return made


def told(world: World) -> list[dict[str, Any]]:
    return [one for message in world.harness.published(NOTIFICATION_REQUESTED)
            for one in message.data["notifications"]]


def test_a_rule_creates_a_record_with_its_own_copied_and_computed_values(
        world: World, projects: list[dict[str, Any]]) -> None:
    world.rule(actions=[CREATE, {"type": "assign", "to": {"user_id": world.sellers[1]}}])
    change = world.created(name="Acme", score=2, owner_id=world.sellers[0],
                           expected_amount={"amount": "9.50", "currency": "CNY"})
    assert [run["outcome"] for run in world.rows("rule_run")] == ["pending"]
    world.carry_out()
    today = projects[0].pop("starts_on")
    assert len(today) == 10
    assert projects == [{"name": "Project Acme", "lead": change["id"], "share": "0.25", "owner_id": world.sellers[1],
                         "budget": {"amount": "9.50", "currency": "CNY"}}]
    run = world.call("GET", "/v1/runs").json["items"][0]
    assert run["outcome"] == "done"
    action = run["actions"][0]
    assert (action["detail"], action["object"]) == ("Project for Li", "project")
    assert action["record_id"].startswith("0190c0de")
    published = world.harness.published(RUN_RECORDED)
    assert [len(message.data["runs"]) for message in published] == [1]
    assert [violations(loads(message.to_json())) for message in published] == [[]]
    headers = next(asked.headers for asked in world.harness.asked if asked.path == PATH)
    assert headers["X-Freehold-Depth"] == "1", "one step deeper, so that circles end"


@pytest.mark.parametrize("moment", ["before the call", "after the call"])
def test_a_crash_around_the_call_creates_each_record_once(
        world: World, projects: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    world.rule(actions=[CREATE, {"type": "set_fields", "values": {"status": "working"}}])
    changes = [a_change(owner_id=world.sellers[0]) for _ in range(3)]
    world.deliver(world.message(*changes))
    world.deliver(world.message(*changes))

    def crash(*_: Any) -> None:
        raise RuntimeError("the machine is gone")

    with monkeypatch.context() as patched:
        patched.setattr(carrying_out, "_operations" if moment == "before the call" else "settle", crash)
        with pytest.raises(RuntimeError):
            world.carry_out()
    make_due(world)
    world.carry_out()
    assert sorted(one["lead"] for one in projects) == sorted(change["id"] for change in changes)
    assert [run["outcome"] for run in world.rows("rule_run")] == ["done"] * 3
    assert world.rows("intent") == world.rows("intent_group") == []


def test_a_run_waits_for_the_last_of_what_it_has_ordered(world: World, projects: list[dict[str, Any]]) -> None:
    world.harness.neighbours["customer", "POST", PATH] = lambda _: (503, {})
    world.rule(actions=[CREATE, {"type": "set_fields", "values": {"status": "working"}}])
    world.created(owner_id=world.sellers[0])
    world.carry_out()
    run = world.rows("rule_run")[0]
    assert run["outcome"] == "pending"
    assert [action["result"] for action in run["actions"]] == ["pending", "done"]
    assert world.harness.published(RUN_RECORDED) == []


def test_what_is_refused_is_told_in_the_run_and_to_the_author_once_a_day(
        world: World, projects: list[dict[str, Any]]) -> None:
    problem = {"detail": "Not right", "errors": [{"pointer": "/values/name", "detail": "At most 30 characters."}]}
    world.harness.neighbours["customer", "POST", PATH] = lambda json: (
        200, {"results": [{"status": 422, "problem": problem} for _ in json["operations"]]})
    rule = world.rule(actions=[CREATE, {"type": "set_fields", "values": {"status": "working"}}])
    for _ in range(2):
        world.created(owner_id=world.sellers[0])
        world.carry_out()
    run = world.call("GET", "/v1/runs").json["items"][0]
    assert run["outcome"] == "failed"
    assert [action["result"] for action in run["actions"]] == ["failed", "done"]
    assert run["error"] == "The record could not be created: Not right; /values/name At most 30 characters."
    messages = [one for one in told(world) if one["user_id"] == world.admin]
    assert {(one["template"], one["params"]["message"]["en"]) for one in messages} == {
        ("message", f"Your rule “{rule['name']['en']}” could not create a record: {run['error']}")}
    assert len({one["id"] for one in messages}) == 1


@pytest.mark.parametrize(("values", "error"), [
    ({"owner_id": None}, "The record has no owner"),
    ({"score": 0}, "The formula for “Share” gives no value: ")])
def test_what_cannot_be_worked_out_fails_with_a_reason_and_nothing_is_created(
        world: World, projects: list[dict[str, Any]], values: dict[str, Any], error: str) -> None:
    world.rule(actions=[CREATE | {"values": VALUES | {"share": {"formula": "8 / score"}}}])
    world.created(**{"owner_id": world.sellers[0], "score": 1} | values)
    world.carry_out()
    run = world.rows("rule_run")[0]
    assert run["outcome"] == "failed"
    assert run["error"]["en"].startswith(error)
    assert projects == []
    assert [one["user_id"] for one in told(world)] == [world.admin]


def test_a_dry_run_shows_what_would_be_created_as_far_as_the_caller_may_read_it(
        world: World, projects: list[dict[str, Any]]) -> None:
    play(world, [a_change(score=4, owner_id=world.sellers[0])])
    run, hits = tried(world, rule=a_rule(actions=[CREATE]))
    assert (run["counts"]["creations"], run["counts"]["written"]) == (1, 0)
    (record,) = hits[0]["records"]
    assert (record["object"], record["owner"]["name"]) == ("project", "Wang")
    assert (record["values"]["name"], record["values"]["share"]) == ("Project Ann", "0.50")
    assert (projects, world.rows("intent")) == ([], [])
    keeper = world.harness.user("Keeper", roles=(world.harness.role({
        "lead": {"actions": ["read"], "scope": "all", "fields": {"score": "masked"}},
        "project": {"actions": ["read"], "scope": "all", "fields": {"lead": "none"}}}, ("rules.manage",)),))
    answer = start(world, as_user=keeper, rule=a_rule(actions=[CREATE]))
    JobRunner(world.harness.service).run_one()
    (hit,) = world.call("GET", f"/v1/dry-runs/{answer.json['id']}/hits", as_user=keeper).json["items"]
    assert hit["records"][0]["values"].keys() == {"name", "starts_on"}


def test_a_service_task_goes_on_when_its_change_and_its_new_record_are_there(
        world: World, projects: list[dict[str, Any]]) -> None:
    office = Office(world)
    actions = dumps([{"type": "set_fields", "values": {"status": "working"}}, CREATE | {"owner": "applicant"}])
    office.start(office.publish(begin(), service("Make", actions), user("Then", person(office.li)),
                                flows="Start>Make Make>Then"))
    create = world.harness.neighbours["customer", "POST", PATH]
    world.harness.neighbours["customer", "POST", PATH] = lambda _: (503, {})
    world.carry_out()
    office.make_due()
    assert (len(world.batches), office.tasks(office.li)) == (1, [])
    world.harness.neighbours["customer", "POST", PATH] = create
    make_due(world)
    world.carry_out()
    office.make_due()
    assert [task["title"] for task in office.tasks(office.li)] == ["Then"]
    assert [one["lead"] for one in projects] == [office.lead["id"]]


def test_a_rule_writes_what_a_formula_gives_over_the_record_as_the_rules_before_left_it(world: World) -> None:
    world.rule(position=1, actions=[{"type": "set_fields", "values": {"score": {"formula": "score + 1"}}}])
    world.rule(position=2, actions=[{"type": "set_fields", "values": {
        "score": {"formula": "score * 2"}, "next_on": {"formula": "DATEADD(TODAY(), 1, \"days\")"}}}])
    world.created(score=4)
    world.carry_out()
    (operation,) = world.batches[0].json["operations"]
    assert operation["values"]["score"] == 10
    assert len(operation["values"]["next_on"]) == 10


def test_a_task_is_due_after_working_time_of_the_department_of_who_does_it(world: World) -> None:
    always, never = ([[["00:00", "24:00"]]] * 7, [[]] * 7)
    body = {"key": None, "name": {"en": "x"}, "timezone": "UTC", "days": [], "is_default": True}
    world.harness.update("calendars", {"id": (id := new_id()), **body, "week": always})
    rule = world.rule(actions=[{"type": "create_task", "title": {"en": "Call"}, "due_in": "2wh"}])
    world.created(owner_id=world.sellers[0])
    (task,) = world.rows("task")
    assert task["due_at"] - task["created_at"] == timedelta(hours=2)
    path = f"/v1/tasks/{task['id']}"
    sent = {"title": "Ring", "due_at": world.call("GET", path).json["due_at"]}
    assert world.call("PATCH", path, sent).status_code == 200
    assert [row["due_in"] for row in world.rows("task")] == ["2wh"]  # a due time that was only sent again
    world.harness.update("calendars", {"id": id, **body, "week": never})
    world.created(owner_id=world.sellers[0])
    run = world.call("GET", f"/v1/rules/{rule['id']}/runs").json["items"][0]
    assert run["error"] == "The working calendar has no time for this task"


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"object": "nothing"}, "/object", "object_unknown"),
    ({"object": None}, "/object", "object_unknown"),
    ({"values": {"lead": {"from": "id"}}}, "/values/name", "required"),
    ({"values": {"name": "x" * 31}}, "/values/name", "too_long"),
    ({"values": {"name": "x", "other": 1}}, "/values/other", "field_unknown"),
    ({"values": {"name": "x", "created_at": {"from": "created_at"}}}, "/values/created_at", "field_not_settable"),
    ({"values": {"name": {"from": "nothing"}}}, "/values/name/from", "field_unknown"),
    ({"values": {"name": {"from": ["id"]}}}, "/values/name/from", "field_unknown"),
    ({"values": {"name": {"from": "score"}}}, "/values/name/from", "copy_does_not_fit"),
    ({"values": {"name": "x", "ticket": {"from": "id"}}}, "/values/ticket/from", "copy_does_not_fit"),
    ({"values": {"name": "x", "seller": {"formula": "owner_id"}}}, "/values/seller/formula", "formula_does_not_fit"),
    ({"values": {"name": {"formula": "CONCAT("}}}, "/values/name/formula", "formula_wrong"),
    ({"values": {"name": {"formula": 7}}}, "/values/name/formula", "required"),
    ({"values": {"name": "x", "share": {"formula": "name"}}}, "/values/share/formula", "formula_wrong"),
    ({"values": [1]}, "/values", "required"),
    ({"owner": {"department_id": "x"}}, "/owner", "whom_missing"),
    ({"more": 1}, "/more", "unknown_field")]


def test_what_is_wrong_is_told_at_its_place(world: World, projects: list[dict[str, Any]]) -> None:
    world.harness.neighbours["customer", "GET", "/v1/objects/nothing"] = lambda _: (404, {})
    for changes, pointer, code in WRONG:
        answer = world.call("POST", "/v1/rules", {
            "name": {"en": "x"}, "object": "lead", "trigger": {"on": "created"}, "actions": [CREATE | changes]})
        assert answer.status_code == 422
        assert (f"/actions/0{pointer}", code) in {(one["pointer"], one["code"]) for one in answer.json["errors"]}
