"""Decisions that pass by themselves, and what a withdrawal does to the record; on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.ids import new_id
from services.workflow.store.tables import intent
from tests.integration.workflow.conftest import World
from tests.integration.workflow.test_approvals import PATH, form, publish, step
from tests.integration.workflow.test_processes import Office, person
from tests.support.bpmn import approval, end, node, user

BOTH = ["applicant", "agreed"]


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def passed(office: Office, instance: dict[str, Any]) -> list[dict[str, str]]:
    """What passed by itself, in the words of the history."""
    path = f"/v1/instances/{instance['id']}/history?limit=200"
    return [line["detail"] for line in office.world.call("GET", path, as_user=office.wang).json["items"]
            if line["what"] == "automatic"]


def test_nothing_passes_by_itself_unless_the_approval_says_so(office: Office) -> None:
    office.start(publish(office, form(step(office.wang), step(office.wang, "Again"))))
    office.approve(office.wang)
    assert [one["title"] for one in office.tasks(office.wang)] == ["Again"]


def test_the_applicant_and_who_agreed_before_are_not_asked(office: Office) -> None:
    everybody = [{"person": one} for one in (office.wang, office.li, office.zhao)]
    drawn = form(step(office.wang), step(office.li), step(office.li, "All", people=everybody, mode="all"),
                 automatic=BOTH)
    instance = office.start(publish(office, drawn))
    office.approve(office.li)
    assert office.tasks(office.wang) + office.tasks(office.li) == []
    assert passed(office, instance) == [
        {"person": office.wang, "reason": "applicant"}, {"person": office.wang, "reason": "applicant"},
        {"person": office.li, "reason": "agreed"}]
    office.approve(office.zhao)
    after = office.instance(instance)
    assert (after["state"], after["outcome"]) == ("completed", "approved")


def test_each_reason_holds_for_itself_and_one_of_several_is_enough_where_any_may_decide(office: Office) -> None:
    two = [{"person": office.li}, {"person": office.wang}]
    agreed = office.start(publish(office, form(step(office.wang), step(office.li, "Two", people=two),
                                               automatic=["agreed"])))
    office.approve(office.wang)
    assert passed(office, agreed) == [{"person": office.wang, "reason": "agreed"}]
    applied = office.start(publish(office, form(step(office.li), step(office.li, "Again"), automatic=["applicant"])))
    office.approve(office.li)
    assert ([one["title"] for one in office.tasks(office.li)], passed(office, applied)) == (["Again"], [])


def test_after_sending_back_people_look_again(office: Office) -> None:
    drawn = form(step(office.li), step(office.zhao, "Finance"), step(office.li, "Last"), automatic=["agreed"])
    instance = office.start(publish(office, drawn))
    office.approve(office.li)
    assert office.act(office.zhao, "send-back", to="approve_1").status_code == 200
    assert [one["title"] for one in office.tasks(office.li)] == ["Boss"], "what he agreed to counts no more"
    office.approve(office.li)
    office.approve(office.zhao)
    assert office.instance(instance)["state"] == "completed"
    assert passed(office, instance) == [{"person": office.li, "reason": "agreed"}]


def test_what_was_rejected_is_looked_at_anew_when_the_drawing_leads_back(office: Office) -> None:
    """Li agrees, Zhao rejects, the applicant reworks it: what Li has agreed to is not what lies there now."""
    automatic = '<extensionElements><fh:automatic when="agreed"/></extensionElements>'
    drawn = office.publish(
        node("startEvent", "Start", automatic), approval("Boss", person(office.li)),
        approval("Finance", person(office.zhao)), node("exclusiveGateway", "G", default="Good"), user("Rework"),
        end("Good"),
        flows='Start>Boss Boss>Finance Finance>G G>Rework?process.outcome="rejected" G>Good Rework>Boss')
    office.start(drawn)
    office.approve(office.li)
    assert office.act(office.zhao, outcome="rejected").status_code == 200
    assert office.act(office.wang, outcome="done").status_code == 200
    assert [one["title"] for one in office.tasks(office.li)] == ["Boss"]


def test_a_reason_that_nobody_knows_is_told_at_its_place(office: Office) -> None:
    answer = office.world.call("POST", PATH, {"name": {"en": "X"}, "object": "lead",
                                              "approval": form(step(office.li), automatic=["luck"])})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/approval/automatic/0")


def test_a_withdrawal_does_what_the_approval_says_of_it(office: Office) -> None:
    back = [{"type": "set_fields", "values": {"status": "working"}}]
    instance = office.start(publish(office, form(step(office.li), withdrawn=back)))
    path = f"/v1/instances/{instance['id']}/withdraw"
    assert office.world.call("POST", path, {}, as_user=office.wang).status_code == 200
    with office.world.harness.service.db.read() as connection:
        wanted = [dict(one) for one in connection.execute(intent.select()).mappings()]
    assert [(one["record_id"], one["changes"]) for one in wanted] == [(office.lead["id"], {"status": "working"})]


def test_a_withdrawal_is_not_held_up_by_a_record_that_is_gone(office: Office) -> None:
    back = [{"type": "set_fields", "values": {"status": "working"}}]
    instance = office.start(publish(office, form(step(office.li), withdrawn=back)))
    office.answer = (404, {})
    answer = office.world.call("POST", f"/v1/instances/{instance['id']}/withdraw", {}, as_user=office.wang)
    assert (answer.status_code, answer.json["state"]) == (200, "withdrawn")


def test_what_a_withdrawal_cannot_do_is_told_at_its_place(office: Office) -> None:
    wrong = form(step(office.li), withdrawn=[{"type": "set_fields", "values": {"nothing": 1}}])
    answer = office.world.call("POST", PATH, {"name": {"en": "X"}, "object": "lead", "approval": wrong})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/approval/withdrawn/0/values/nothing")


def test_a_process_goes_away_only_when_nothing_remembers_it(office: Office) -> None:
    fresh, used, named = (publish(office, form(step(office.li))) for _ in range(3))
    office.start(used)
    office.world.call("POST", "/v1/rules", {
        "name": {"en": "Start"}, "object": "lead", "trigger": {"on": "created"},
        "actions": [{"type": "start_process", "process": named["id"]}]})
    answers = [office.world.call("DELETE", f"{PATH}/{one['id']}") for one in (fresh, used, named)]
    assert [one.status_code for one in answers] == [204, 409, 409]
    assert [one.json["code"] for one in answers[1:]] == ["process_has_run", "process_in_rule"]
    assert office.world.call("GET", f"{PATH}/{fresh['id']}").status_code == 404
    assert office.world.call("GET", f"/v1/processes/{fresh['id']}/versions").status_code == 404


def test_approvals_of_a_leaver_go_to_who_takes_over_but_not_to_who_asked_for_them(office: Office) -> None:
    instance = office.start(publish(office, form(step(office.li))))
    record = office.tasks(office.li)[0]["link"]["id"]

    def move(**body: Any) -> None:
        answer = office.world.harness.call_as_service("workflow", "POST", f"/v1/task-transfers/{new_id()}", {
            "from_id": office.li, **body})
        assert (answer.status_code, answer.json) == (200, {"more": False})

    move(records={record: office.wang})
    move(to_id=office.wang)
    assert len(office.tasks(office.li)) == 1, "wang has asked for it"
    move(records={record: office.zhao})
    assert (office.tasks(office.li), len(office.tasks(office.zhao))) == ([], 1)
    path = f"/v1/instances/{instance['id']}/history?limit=200"
    lines = office.world.call("GET", path, as_user=office.wang).json["items"]
    assert [line["detail"] for line in lines if line["what"] == "handed_over"] == [
        {"from": office.li, "to": office.zhao}]
    office.approve(office.zhao)
    assert office.instance(instance)["outcome"] == "approved"
