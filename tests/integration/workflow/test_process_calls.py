"""Processes that call others, on both databases: what goes in and comes back, and that they end together."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from chassis.jsonio import dumps
from services.workflow.store.tables import process_instance
from services.workflow.usecases.processes import calling
from services.workflow.usecases.processes.occurring import occur_next
from tests.integration.workflow.conftest import World, a_change
from tests.integration.workflow.test_processes import Office
from tests.support.bpmn import (
    approval,
    call,
    end,
    formula,
    many,
    node,
    raising,
    start,
    taking,
    user,
    xml,
)

RAISED = '<escalation id="e" name="late"/><error id="x" name="broken"/>'
LI = '<fh:field name="owner_id"/>'


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def run(office: Office) -> None:
    for _ in range(200):
        if not occur_next(office.world.harness.service):
            return
    raise AssertionError("it never comes to rest")


def children(office: Office, parent: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row in office.world.rows("process_instance", "id") if row["parent_id"] == parent["id"]]


def test_values_go_in_and_come_back_with_the_outcome(office: Office) -> None:
    office.publish(taking("limit", "integer"), approval("Boss", LI), formula("F", "rest", "process.limit - 1"), node(
        "exclusiveGateway", "G", default="End"), end(), node("task", "No"),
        flows='Start>Boss Boss>F F>G G>No?process.outcome="rejected" G>End', key="called")
    caller = office.publish(
        start(), call("Call", "called", give="limit integer score * 2", get="left integer rest"), node(
            "exclusiveGateway", "G", default="Bad"), user("Good"), user("Bad"),
        flows="Start>Call Call>G G>Good?process.left=19 G>Bad")
    instance = office.start(caller)
    run(office)
    office.approve(office.li)
    run(office)
    [child] = children(office, instance)
    assert (child["state"], child["applicant_id"], child["depth"]) == ("completed", office.wang, 1)
    [task] = office.tasks(office.wang)
    assert task["process"]["node"] == "Good"
    [row] = [row for row in office.world.rows("process_instance") if row["id"] == instance["id"]]
    assert row["body"]["variables"]["Call"] == "approved"


def test_the_latest_version_at_the_time_of_the_call_is_called_as_often_as_said(office: Office) -> None:
    called = office.publish(start(), user("A", LI), flows="Start>A", key="called")
    instance = office.start(office.publish(
        start(), user("First"), call("Call", "called", inner=many(cardinality="2")), flows="Start>First First>Call"))
    answer = office.world.call("POST", f"/v1/processes/{called['id']}/versions", {
        "xml": xml(start(), end(), flows="Start>End")},
        headers={"If-Match": f'"{called["version"]}"'})
    assert answer.status_code == 201, answer.json
    assert office.act(office.wang, outcome="done").status_code == 200
    run(office)
    assert [(row["process_version"], row["state"]) for row in children(office, instance)] == [(2, "completed")] * 2
    assert office.instance(instance)["state"] == "completed"


def test_what_is_called_ends_with_its_caller_and_is_not_withdrawn_alone(office: Office) -> None:
    office.publish(start(), user("A", LI), flows="Start>A", key="inner")
    office.publish(start(), call("Call", "inner"), flows="Start>Call", key="middle")
    instance = office.start(office.publish(start(), call("Call", "middle"), flows="Start>Call"))
    run(office)
    [middle] = children(office, instance)
    alone = office.world.call("POST", f"/v1/instances/{middle['id']}/withdraw", {}, as_user=office.wang)
    assert (alone.status_code, len(office.tasks(office.li))) == (409, 1)
    assert office.world.call("POST", f"/v1/instances/{instance['id']}/withdraw", {}, as_user=office.wang
                             ).status_code == 200
    assert office.tasks(office.li) == []
    assert sorted(row["state"] for row in office.world.rows("process_instance")) == [
        "cancelled", "cancelled", "withdrawn"]
    assert office.world.rows("process_wait") == []


def test_what_is_called_does_what_it_says_of_its_withdrawal_when_its_caller_is_withdrawn(office: Office) -> None:
    said = dumps([{"type": "create_task", "title": {"en": "Clear up"}, "assignee": {"user_id": office.zhao}}])
    back = node("startEvent", "Start", f"<extensionElements><fh:withdrawn>{said}</fh:withdrawn></extensionElements>")
    office.publish(back, user("A", LI), flows="Start>A", key="inner")
    office.publish(start(), call("Call", "inner"), flows="Start>Call", key="middle")
    instance = office.start(office.publish(start(), call("Call", "middle"), flows="Start>Call"))
    run(office)
    office.world.call("POST", f"/v1/instances/{instance['id']}/withdraw", {}, as_user=office.wang)
    assert [task["title"] for task in office.tasks(office.zhao)] == ["Clear up"]


def test_a_diagram_leads_to_what_was_called(office: Office) -> None:
    office.publish(start(), approval("A", LI), node("exclusiveGateway", "G", default="End"), end(), node("task", "No"),
                   flows='Start>A A>G G>No?process.outcome="rejected" G>End', key="inner")
    instance = office.start(office.publish(
        start(), call("Call", "inner"), user("Then"), flows="Start>Call Call>Then"))
    run(office)
    [child] = children(office, instance)
    known = {"id": child["id"], "process_name": "Special price", "node": "Call", "name": "Call"}
    assert office.diagram(instance)["called"] == [known | {"state": "running", "outcome": None}]
    office.approve(office.li)
    run(office)
    assert office.diagram(instance)["called"] == [known | {"state": "completed", "outcome": "approved"}]


def test_a_caller_whom_nobody_has_told_is_woken(office: Office) -> None:
    office.publish(start(), user("A", LI), flows="Start>A", key="inner")
    instance = office.start(office.publish(start(), call("Call", "inner"), flows="Start>Call"))
    run(office)
    calling.wake_callers(office.world.harness.service)
    run(office)
    assert office.instance(instance)["state"] == "running"  # what it waits for still runs
    [child] = children(office, instance)
    with office.world.harness.service.db.unit_of_work() as uow:
        uow.execute(update(process_instance).where(process_instance.c.id == child["id"]).values(state="completed"))
    run(office)
    assert office.instance(instance)["state"] == "running"
    calling.wake_callers(office.world.harness.service)
    run(office)
    assert office.instance(instance)["state"] == "completed"


def test_the_deletion_of_the_record_ends_caller_and_called_once(office: Office) -> None:
    office.publish(start(), user("A", LI), flows="Start>A", key="inner")
    instance = office.start(office.publish(start(), call("Call", "inner"), flows="Start>Call"))
    run(office)
    office.world.deliver(office.world.message(a_change("deleted", id=office.lead["id"], version=9)))
    assert {row["state"] for row in office.world.rows("process_instance")} == {"cancelled"}
    lines = [row for row in office.world.rows("process_history") if row["what"] == "cancelled"]
    assert len(lines) == 2
    assert children(office, instance)


def test_processes_that_call_each_other_in_a_circle_stop_with_a_sentence(
        office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "MAX_DEPTH", 3)
    circle = office.publish(start(), end(), flows="Start>End", key="circle")
    body = {"xml": xml(
        start(), call("Call", "circle", inner=many(cardinality="2")), flows="Start>Call")}
    office.world.call("POST", f"/v1/processes/{circle['id']}/versions", body,
                      headers={"If-Match": f'"{circle["version"]}"'})
    office.start(circle)
    run(office)
    rows = office.world.rows("process_instance")
    assert max(row["depth"] for row in rows) == 3
    assert len(rows) == 1 + 2 + 4 + 8
    assert {row["problem"]["en"] for row in rows if row["depth"] == 3} == {
        "“Call”: processes call each other more than 3 levels deep."}


@pytest.mark.parametrize("what", ["escalation", "error"])
def test_what_leaves_a_called_process_is_heard_by_its_caller_first(office: Office, what: str) -> None:
    ref = {"escalation": "e", "error": "x"}[what]
    office.publish(start(), end("End", raising(what, ref)), flows="Start>End", top=RAISED, key="called")
    instance = office.start(office.publish(
        start(), call("Call", "called"), node("boundaryEvent", "Event", raising(what, ref), attachedToRef="Call"),
        user("Normal"), user("Boss"), flows="Start>Call Call>Normal Event>Boss", top=RAISED))
    run(office)
    assert [task["process"]["node"] for task in office.tasks(office.wang)] == ["Boss"]
    assert office.world.rows("process_raised") == []
    assert children(office, instance)[0]["state"] == "completed"


def test_what_cannot_be_called_is_told_at_its_element_or_where_it_waits(office: Office) -> None:
    body = {"name": {"en": "X"}, "object": "lead", "xml": xml(
        start(), call("Call", "nothing"), flows="Start>Call")}
    answer = office.world.call("POST", "/v1/processes", body)
    assert [(one["element"], one["code"]) for one in answer.json["errors"]] == [("Call", "bpmn_call_unknown")]
    called = office.publish(start(), end(), flows="Start>End", key="called")
    caller = office.publish(start(), call("Call", "called", give="limit integer 1"), flows="Start>Call")
    instance = office.start(caller)
    occur_next(office.world.harness.service)
    assert office.instance(instance)["problem"] == "“Call”: the called process does not take the value limit."
    office.world.call("PATCH", f"/v1/processes/{called['id']}", {"active": False},
                      headers={"If-Match": f'"{called["version"]}"'})
    other = office.start(caller)
    occur_next(office.world.harness.service)
    assert "switched off" in office.instance(other)["problem"]
