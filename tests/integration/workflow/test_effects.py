"""What rules do: fields, owners, tasks, messages; merged, in order, said in the run."""

from __future__ import annotations

from collections import Counter
from typing import Any

from chassis.testkit.contracts import violations
from services.workflow.consumers import RECORD_MERGED
from services.workflow.events import NOTIFICATION_REQUESTED, RUN_RECORDED, TASK_CHANGED
from tests.integration.workflow.conftest import BATCH, World, a_change


def round_robin(world: World) -> dict[str, Any]:
    return {"type": "assign", "to": {"department_id": world.east, "method": "round_robin"}}


TASK = {"type": "create_task", "title": {"en": "First contact", "zh-CN": "首次联系"}, "due_in": "24h",
        "assignee": "owner"}
TELL = {"type": "notify", "to": "owner", "template": "lead_assigned"}


def test_the_main_rule_assigns_in_turn_makes_a_task_and_tells_the_new_owner(world: World) -> None:
    world.rule(actions=[TASK, round_robin(world), TELL])
    change = world.created(name="Acme")
    world.carry_out()
    owner = world.batches[0].json["operations"][0]["values"]["owner_id"]
    assert owner in world.sellers
    tasks = world.call("GET", "/v1/tasks", as_user=owner).json["items"]
    assert [(task["title"], task["assignee_id"], task["link"]["title"]) for task in tasks] == [
        ("First contact", owner, "Acme")]
    assert tasks[0]["link"]["id"] == change["id"]
    assert tasks[0]["created_by"]["kind"] == "rule"
    told = [one for message in world.harness.published(NOTIFICATION_REQUESTED)
            for one in message.data["notifications"]]
    assert [(one["user_id"], one["template"]) for one in told] == [(owner, "task_assigned"), (owner, "lead_assigned")]
    run = world.call("GET", "/v1/runs").json["items"][0]
    assert run["outcome"] == "done"
    assert [action["result"] for action in run["actions"]] == ["done", "done", "done"]


def test_events_keep_their_contracts(world: World) -> None:
    world.rule(actions=[round_robin(world), TASK, TELL])
    world.deliver(world.message(a_change(), bulk="0190c0de-0000-7000-8000-000000000001"))
    world.carry_out()
    from chassis.jsonio import loads

    published = world.harness.published()
    assert {message.type for message in published} >= {TASK_CHANGED, RUN_RECORDED, NOTIFICATION_REQUESTED}
    assert [violations(loads(message.to_json())) for message in published] == [[] for _ in published]
    told = [one for message in published if message.type == NOTIFICATION_REQUESTED
            for one in message.data["notifications"]]
    assert {one["bulk"] for one in told} == {"0190c0de-0000-7000-8000-000000000001"}


def test_several_rules_on_one_record_make_one_change_in_the_order_of_the_rules(world: World) -> None:
    world.rule(position=2, actions=[{"type": "set_fields", "values": {"score": 9}}, round_robin(world)])
    world.rule(position=1, actions=[{"type": "set_fields", "values": {"score": 5, "status": "working"}}])
    world.created()
    assert world.carry_out() == 1
    operations = world.batches[0].json["operations"]
    assert len(operations) == 1
    assert operations[0]["action"] == "update"
    assert operations[0]["values"]["score"] == 9
    assert operations[0]["values"]["status"] == "working"
    assert operations[0]["values"]["owner_id"] in world.sellers
    assert [run["outcome"] for run in world.rows("rule_run")] == ["done", "done"]


def test_a_record_that_has_the_values_already_is_not_written(world: World) -> None:
    world.rule()
    world.created(status="working")
    assert world.carry_out() == 0
    run = world.rows("rule_run")[0]
    assert (run["outcome"], run["actions"][0]["result"]) == ("done", "unchanged")
    assert len(world.harness.published(RUN_RECORDED)) == 1


def test_now_and_today_are_worked_out_when_the_rule_runs(world: World) -> None:
    world.rule(actions=[{"type": "set_fields", "values": {"seen_at": "$now", "next_on": "$today"}}])
    world.created()
    world.carry_out()
    values = world.batches[0].json["operations"][0]["values"]
    assert values["seen_at"].startswith(values["next_on"])
    assert values["seen_at"].endswith("Z")


def test_turns_are_fair_within_one_import_and_across_events(world: World) -> None:
    world.rule(actions=[round_robin(world), TASK])
    world.deliver(world.message(*[a_change() for _ in range(7)], bulk="0190c0de-0000-7000-8000-000000000001"))
    world.deliver(*[world.message(a_change()) for _ in range(5)])
    world.carry_out()
    owners = [operation["values"]["owner_id"] for asked in world.batches for operation in asked.json["operations"]]
    assert Counter(owners) == dict.fromkeys(world.sellers, 4)
    assert Counter(task["assignee_id"] for task in world.rows("task")) == dict.fromkeys(world.sellers, 4)


def test_who_has_left_is_passed_over_and_who_is_new_gets_his_turn(world: World) -> None:
    world.rule(actions=[round_robin(world)])
    left = world.sellers[0]
    world.harness.update("users", {"id": left, "name": "Wang", "active": False, "department_id": world.east,
                                   "role_ids": []})
    below = world.harness.department("East 2", world.east)
    new = world.harness.user("New", below)
    world.deliver(world.message(*[a_change() for _ in range(3)]))
    world.carry_out()
    owners = {operation["values"]["owner_id"] for asked in world.batches for operation in asked.json["operations"]}
    assert owners == {*world.sellers[1:], new}


def test_an_empty_department_fails_the_run_with_a_reason(world: World) -> None:
    empty = world.harness.department("Nobody")
    world.rule(actions=[{"type": "assign", "to": {"department_id": empty}}])
    world.created()
    run = world.call("GET", "/v1/runs?outcome=failed").json["items"][0]
    assert run["error"] == "Nobody active is in the department “Nobody”"
    assert world.harness.published(RUN_RECORDED)[0].data["runs"][0]["outcome"] == "failed"


def test_a_task_for_the_owner_of_a_record_without_one_fails_readably(world: World) -> None:
    world.rule(actions=[TASK])
    world.created()
    assert world.rows("rule_run")[0]["error"]["en"] == "The record has no owner"


def test_a_message_to_a_department_reaches_each_of_its_people(world: World) -> None:
    world.rule(actions=[{"type": "notify", "to": {"department_id": world.east},
                         "message": {"en": "Look!", "zh-CN": "请看！"}, "channels": ["wecom", "sms"]}])
    world.created()
    told = world.harness.published(NOTIFICATION_REQUESTED)[0].data["notifications"]
    assert {one["user_id"] for one in told} == set(world.sellers)
    assert {one["template"] for one in told} == {"message"}
    assert told[0]["params"]["message"]["zh-CN"] == "请看！"
    assert told[0]["channels"] == ["sms", "wecom"]


def test_the_change_that_a_rule_makes_carries_its_cause(world: World) -> None:
    rule = world.rule()
    message = world.message(a_change(), depth=2, bulk="0190c0de-0000-7000-8000-000000000001")
    world.deliver(message)
    world.carry_out()
    headers = world.batches[0].headers
    assert headers["X-Request-ID"] == message.request_id
    assert headers["X-Freehold-Depth"] == "3"
    assert headers["X-Freehold-Origin"] == f"rule:{rule['id']}"
    assert headers["X-Freehold-Origin-Name"] == "East%20leads"
    assert headers["X-Freehold-Causation"] == message.id
    assert headers["X-Freehold-Bulk"] == "0190c0de-0000-7000-8000-000000000001"


def test_rules_that_trigger_each_other_are_stopped_with_the_chain_named(world: World) -> None:
    first = world.rule(name={"en": "Up"}, trigger={"on": "changed", "fields": ["score"]}, criteria={"all": []},
                       actions=[{"type": "set_fields", "values": {"status": "working"}}])
    world.rule(name={"en": "Down"}, trigger={"on": "changed", "fields": ["status"]}, criteria={"all": []},
               actions=[{"type": "set_fields", "values": {"score": 1}}])
    change = a_change("updated", {"score": 0}, version=1, score=5)
    message = world.message(change)
    for version in range(2, 30):
        world.deliver(message)
        if not world.carry_out():
            break
        values = world.batches[-1].json["operations"][0]["values"]
        after = change["after"] | values | {"version": version}
        flipped = {"score": 3} if "score" in values else {"status": "new"}
        change = a_change("updated", flipped, **after | {"score": 7 if "status" in values else 1})
        headers = world.batches[-1].headers
        message = world.message(change, depth=int(headers["X-Freehold-Depth"]))
        object.__setattr__(message, "request_id", headers["X-Request-ID"])
        change["after"]["status"] = "new"
    runs = world.rows("rule_run", "id")
    assert [run["outcome"] for run in runs] == ["done"] * 9 + ["stopped"]
    assert "Up → Down → Up" in runs[-1]["error"]["en"]
    assert runs[0]["rule_id"] == first["id"]


def test_a_storm_on_one_record_is_stopped(world: World) -> None:
    world.rule(trigger={"on": "changed"}, criteria={"all": []}, actions=[TELL])
    id = a_change()["id"]
    for version in range(2, 37):
        world.deliver(world.message(a_change("updated", {"name": "x"}, id=id, version=version,
                                             owner_id=world.sellers[0])))
    outcomes = Counter(run["outcome"] for run in world.rows("rule_run"))
    assert outcomes == {"done": 30, "stopped": 5}


def test_tasks_take_over_a_new_title_and_are_cancelled_with_their_record(world: World) -> None:
    world.rule(actions=[round_robin(world), TASK])
    change = world.created(name="Acme")
    world.deliver(world.message(a_change("updated", {"name": "Acme"}, id=change["id"], version=3, name="Acme 2",
                                         region="north")))
    world.deliver(world.message(a_change("updated", {"name": "Old"}, id=change["id"], version=2, name="Acme 1",
                                         region="north")))
    assert world.rows("task")[0]["link_title"] == "Acme 2"
    world.deliver(world.message(a_change("deleted", id=change["id"], version=4)))
    task = world.rows("task")[0]
    assert (task["state"], task["version"]) == ("cancelled", 3)
    assert [message.data["action"] for message in world.harness.published(TASK_CHANGED)] == [
        "created", "updated", "cancelled"]


def test_tasks_move_into_the_survivor_of_a_merge_and_back(world: World) -> None:
    world.rule(actions=[round_robin(world), TASK])
    one, other = world.created(name="Acme"), world.created(name="Acme Ltd")
    news = {"merge_id": a_change()["id"], "object": "lead", "survivor_id": one["id"], "merged_id": other["id"],
            "title": "Acme", "undone": False}
    world.deliver(world.harness.message(RECORD_MERGED, news, source="/freehold/customer"),
                  world.message(a_change("deleted", id=other["id"], version=4)))
    assert [(task["link_id"], task["link_title"], task["state"]) for task in world.rows("task")] == [
        (one["id"], "Acme", "open")] * 2
    back = news | {"title": "Acme Ltd", "undone": True}
    world.deliver(world.harness.message(RECORD_MERGED, back, source="/freehold/customer"))
    assert sorted((task["link_id"], task["link_title"]) for task in world.rows("task")) == sorted(
        [(one["id"], "Acme"), (other["id"], "Acme Ltd")])


def test_a_rejected_change_fails_the_run_with_the_reason_of_the_customer_service(world: World) -> None:
    def refuse(json: Any) -> tuple[int, Any]:
        return 200, {"results": [{"status": 422, "problem": {"detail": "Not valid", "errors": [
            {"pointer": "/status", "detail": "No such choice"}]}}]}

    world.harness.neighbours[BATCH] = refuse
    world.rule()
    world.created()
    world.carry_out()
    run = world.call("GET", "/v1/runs").json["items"][0]
    assert (run["outcome"], run["actions"][0]["result"]) == ("failed", "failed")
    assert run["error"] == "The record could not be changed: Not valid; /status No such choice"
    assert world.rows("intent") == []
