"""Approvals in their simple form: drawn, published in versions, started, decided, late; on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.workflow.conftest import World
from tests.integration.workflow.test_processes import Office
from tests.support.bpmn import approval, end, node, start, xml

NAME = {"en": "Discount", "zh-CN": "折扣"}
PATH = "/v1/approvals"
LARGE = {"all": [{"field": "expected_amount", "op": "gte", "value": "1000"}]}


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def step(who: str, name: str = "Boss", **more: Any) -> dict[str, Any]:
    return {"type": "approve", "name": {"en": name, "zh-CN": f"{name}审批"}, "people": [{"person": who}], "mode": "any",
            "due_in": None, "late": None} | more


def form(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"start": {"people": [], "criteria": None}, "steps": list(steps), "approved": [], "rejected": [],
            "withdrawn": [], "automatic": []} | more


def publish(office: Office, approval: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = office.world.call("POST", PATH, {"name": NAME, "object": "lead", "approval": approval} | more)
    assert answer.status_code == 201, answer.json.get("errors")
    return answer.json


def test_what_was_drawn_is_shown_again_and_its_next_version_too(office: Office) -> None:
    drawn = form(step(office.li))
    made = publish(office, drawn)
    assert (made["approval"], made["xml"], made["latest"]) == (drawn, None, 1)
    shown = office.world.call("GET", f"{PATH}/{made['id']}")
    assert shown.json == made
    more = form(step(office.li), step(office.zhao, "Finance"))
    path, etag = f"{PATH}/{made['id']}", shown.headers["ETag"]
    new = office.world.call("PATCH", path, {"approval": more, "active": False}, headers={"If-Match": etag})
    assert (new.status_code, new.json["approval"], new.json["latest"], new.json["active"]) == (200, more, 2, False)
    stale = office.world.call("PATCH", path, {"approval": drawn}, headers={"If-Match": etag})
    assert stale.status_code == 412
    same = office.world.call("PATCH", path, {"approval": more, "name": {"en": "Other"}})
    assert (same.json["latest"], same.json["name"]) == (2, {"en": "Other"})
    assert [one["id"] for one in office.world.call("GET", f"{PATH}?object=lead").json["items"]] == [made["id"]]


def test_the_file_of_another_hand_is_shown_as_it_is_and_can_be_replaced(office: Office) -> None:
    foreign = xml(start(), approval("Boss", "<fh:applicant/>"), node("exclusiveGateway", "G", default="Good"),
                  end("Good"), end("Bad"), flows='Start>Boss Boss>G G>Bad?process.outcome="rejected" G>Good')
    made = office.publish(start(), end(), flows="Start>End")
    shown = office.world.call("PATCH", f"{PATH}/{made['id']}", {"xml": foreign})
    assert (shown.status_code, shown.json["approval"], shown.json["xml"], shown.json["latest"]) == (
        200, None, foreign, 2)
    drawn = office.world.call("PATCH", f"{PATH}/{made['id']}", {"approval": form(step(office.li))})
    assert (drawn.json["xml"], drawn.json["latest"]) == (None, 3)


def test_it_takes_the_way_whose_condition_the_record_meets_and_acts_at_its_ends(office: Office) -> None:
    ways = {"type": "choose", "name": {"en": "How much"}, "otherwise": {"name": {"en": "Small"}, "steps": []},
            "ways": [{"name": {"en": "Large"}, "criteria": LARGE, "steps": [step(office.zhao, "Finance")]}]}
    key = next(iter(office.world.harness.service.directory.snapshot().roles.values()))["key"]
    told = [{"type": "notify", "to": "applicant", "message": {"en": "All done", "zh-CN": "办完了"}},
            {"type": "notify", "to": {"role": key}, "message": {"en": "For your files"}}]
    made = publish(office, form(step(office.li), ways, approved=told))
    office.start(made)
    assert office.tasks(office.li)[0]["title"] == "Boss"
    office.approve(office.li)
    assert office.tasks(office.zhao) == []
    assert {"en": "All done", "zh-CN": "办完了"} in [one["params"]["message"] for one in office.told(office.wang)]
    office.lead["expected_amount"] = {"amount": "1000.00", "currency": "CNY"}
    office.start(made)
    office.approve(office.li)
    assert [task["title"] for task in office.tasks(office.zhao)] == ["Finance"]
    last = office.act(office.zhao, outcome="rejected")
    assert last.status_code == 200
    assert office.told(office.wang)[-1]["params"]["message"]["zh-CN"] == "“折扣”被驳回：Matrix"


def test_who_may_start_it_and_over_which_records(office: Office) -> None:
    start = {"people": [{"person": office.li}], "criteria": {"all": [{"field": "status", "op": "eq", "value": "new"}]}}
    made = publish(office, form(step(office.zhao), start=start))
    path, body = f"/v1/processes/{made['id']}/instances", {"record_id": office.lead["id"]}
    other = office.world.call("POST", path, body, as_user=office.wang)
    assert (other.status_code, other.json["code"]) == (409, "process_cannot_go_on")
    assert office.world.call("POST", path, body, as_user=office.li).status_code == 201
    office.lead["status"] = "lost"
    later = office.world.call("POST", path, body, as_user=office.li)
    assert later.status_code == 409
    assert "condition" in later.json["detail"]


LATE = [("approve", "approved"), ("reject", "rejected")]


@pytest.mark.parametrize(("do", "outcome"), LATE)
def test_what_nobody_decides_in_time_is_decided(office: Office, do: str, outcome: str) -> None:
    made = publish(office, form(step(office.li, late={"after": "2d", "do": do})))
    instance = office.start(made)
    office.make_due()
    after = office.instance(instance)
    assert (after["state"], after["outcome"]) == ("completed", outcome)
    assert office.tasks(office.li) == []


def test_who_has_the_step_is_reminded_or_somebody_else_gets_it(office: Office) -> None:
    message = {"en": "Please decide", "zh-CN": "请尽快审批"}
    made = publish(office, form(
        step(office.li, late={"after": "2d", "do": "remind", "message": message}),
        step(office.li, "Second", late={"after": "3h", "do": "escalate", "people": [{"person": office.zhao}]})))
    instance = office.start(made)
    office.make_due()
    assert office.told(office.li)[-1]["params"]["message"] == message
    office.approve(office.li)
    office.make_due()
    assert office.tasks(office.li) == []
    office.approve(office.zhao)
    assert office.instance(instance)["outcome"] == "approved"


def left(office: Office, who: str) -> None:
    office.world.harness.update("users", {"id": who, "name": "Gone", "active": False,
                                          "department_id": office.world.east, "locale": "en", "role_ids": []})


def test_a_notice_that_reaches_nobody_does_not_hold_up_the_decision(office: Office) -> None:
    everywhere = [{"type": "notify", "to": to, "message": {"en": "All done"}}
                  for to in ("applicant", {"user_id": office.wang}, {"user_id": office.zhao})]
    instance = office.start(publish(office, form(step(office.li), approved=everywhere)))
    left(office, office.wang)
    office.approve(office.li)
    assert office.instance(instance, office.li)["outcome"] == "approved"
    assert {"en": "All done"} in [one["params"]["message"] for one in office.told(office.zhao)]
    assert {"en": "All done"} not in [one["params"]["message"] for one in office.told(office.wang)]


def test_a_task_for_an_applicant_who_has_left_still_holds_it_up(office: Office) -> None:
    task = {"type": "create_task", "title": {"en": "Sign"}, "assignee": "applicant"}
    office.start(publish(office, form(step(office.li), approved=[task])))
    left(office, office.wang)
    answer = office.act(office.li, outcome="approved")
    assert (answer.status_code, answer.json["code"]) == (409, "process_cannot_go_on")


def test_who_has_left_does_not_keep_the_others_from_being_reminded(office: Office) -> None:
    message = {"en": "Please decide"}
    both = [{"person": office.li}, {"person": office.zhao}]
    instance = office.start(publish(office, form(
        step(office.li, people=both, late={"after": "2d", "do": "remind", "message": message}))))
    left(office, office.zhao)
    office.make_due()
    assert office.told(office.li)[-1]["params"]["message"] == message
    assert message not in [one["params"].get("message") for one in office.told(office.zhao)]
    assert office.instance(instance)["problem"] is None


def test_what_is_wrong_is_told_at_its_card(office: Office) -> None:
    bad = form(
        step("0190a5a4-0000-7000-8000-00000000ffff"),
        {"type": "choose", "name": {"en": "How much"}, "otherwise": {"name": {"en": "Else"}, "steps": []},
         "ways": [{"name": {"en": "Empty"}, "criteria": {"all": []}, "steps": []},
                  {"name": {"en": "Large"}, "criteria": {"all": [{"field": "nothing", "op": "empty"}]}, "steps": []}]},
        {"type": "act", "name": {"en": "Set"}, "actions": [{"type": "set_fields", "values": {"nothing": 1}}]},
        start={"people": [{"role": "nobody"}], "criteria": {"all": [{"field": "gone", "op": "empty"}]}},
        rejected=[{"type": "fly"}])
    answer = office.world.call("POST", PATH, {"name": NAME, "object": "lead", "approval": bad}, as_user=None)
    assert answer.status_code == 422
    found = {one["pointer"]: one["detail"] for one in answer.json["errors"]}
    assert set(found) == {
        "/approval/steps/0/people", "/approval/steps/1/ways/1/criteria/all/0/field",
        "/approval/steps/2/actions/0/values/nothing", "/approval/start/people",
        "/approval/start/criteria/all/0/field", "/approval/rejected/0/type"}
    assert all(found.values())
    for body in ({}, {"approval": form(step(office.li)), "xml": "<a/>"}, {"approval": {"steps": []}}):
        assert office.world.call("POST", PATH, {"name": NAME, "object": "lead", **body}).status_code == 422


def test_rules_know_no_applicant(office: Office) -> None:
    rule = {"name": NAME, "object": "lead", "trigger": {"on": "created"},
            "actions": [{"type": "notify", "to": "applicant", "message": {"en": "Hello"}}]}
    answer = office.world.call("POST", "/v1/rules", rule)
    assert [one["pointer"] for one in answer.json["errors"]] == ["/actions/0/to"]
