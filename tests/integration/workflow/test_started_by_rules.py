"""Processes that rules start: once, over one record at a time, for whoever made the change; what fails is told."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.ids import new_id
from services.workflow.events import RUN_RECORDED
from services.workflow.usecases.processes.occurring import occur_next
from tests.integration.workflow.conftest import World, a_change
from tests.integration.workflow.test_approvals import form, left, publish, step
from tests.integration.workflow.test_processes import Office


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def rule(office: Office, process: str) -> Any:
    return office.world.call("POST", "/v1/rules", {
        "name": {"en": "Submitted"}, "object": "lead", "trigger": {"on": "changed", "fields": ["status"]},
        "actions": [{"type": "start_process", "process": process}]})


def changed(office: Office, by: str | None, version: int) -> dict[str, Any]:
    return a_change("updated", {"status": "new"}, by=by, **office.lead | {"version": version, "status": "working"})


def change(office: Office, by: str | None, version: int, bulk: str | None = None) -> None:
    """The status of the lead changes, and what follows happens."""
    office.world.deliver(office.world.message(changed(office, by, version), bulk=bulk))
    while occur_next(office.world.harness.service):
        pass


def instances(office: Office) -> list[dict[str, Any]]:
    return office.world.call("GET", f"/v1/instances?record_id={office.lead['id']}").json["items"]


def runs(office: Office, rule: dict[str, Any]) -> list[dict[str, Any]]:
    return office.world.call("GET", f"/v1/rules/{rule['id']}/runs").json["items"]


def test_who_made_the_change_applies_and_can_withdraw(office: Office) -> None:
    made = publish(office, form(step(office.zhao)), key="lead.approval")
    assert rule(office, "lead.approval").status_code == 201
    change(office, office.wang, 4)
    (instance,) = instances(office)
    assert (instance["process_id"], instance["applicant"]["id"]) == (made["id"], office.wang)
    assert len(office.tasks(office.zhao)) == 1
    gone = office.world.call("POST", f"/v1/instances/{instance['id']}/withdraw", {}, as_user=office.wang)
    assert gone.json["state"] == "withdrawn"
    change(office, office.wang, 5)
    assert [one["state"] for one in instances(office)] == ["running", "withdrawn"]


def test_where_the_system_made_the_change_the_owner_applies(office: Office) -> None:
    made = publish(office, form(step(office.zhao)))
    rule(office, made["id"])
    change(office, None, 4)
    assert [one["applicant"]["id"] for one in instances(office)] == [office.li]


def test_an_owner_who_has_left_does_not_apply(office: Office) -> None:
    saved = rule(office, publish(office, form(step(office.zhao)))["id"]).json
    left(office, office.li)
    change(office, None, 4)
    assert instances(office) == []
    assert (runs(office, saved)[0]["outcome"], runs(office, saved)[0]["actions"][0]["result"]) == ("failed", "failed")


def test_what_a_bulk_operation_starts_is_told_as_part_of_it(office: Office) -> None:
    bulk = new_id()
    copy = {"type": "act", "name": {"en": "Copy"},
            "actions": [{"type": "notify", "to": {"user_id": office.zhao}, "message": {"en": "For your files"}}]}
    rule(office, publish(office, form(copy, step(office.zhao)))["id"])
    change(office, office.wang, 4, bulk)
    assert sorted((one["template"], one["bulk"]) for one in office.told(office.zhao)) == [
        ("message", bulk), ("task_assigned", bulk)]


def test_what_runs_over_the_record_is_not_started_again_and_the_run_says_so(office: Office) -> None:
    made = publish(office, form(step(office.zhao)))
    saved = rule(office, made["id"]).json
    change(office, office.wang, 4)
    change(office, office.wang, 5)
    assert len(instances(office)) == 1
    last, first = runs(office, saved)
    assert (first["outcome"], first["actions"][0]["result"]) == ("done", "done")
    assert (last["outcome"], last["actions"][0]["result"]) == ("failed", "failed")
    assert "runs over this record already" in last["error"]
    told = [run for sent in office.world.harness.published(RUN_RECORDED) for run in sent.data["runs"]]
    assert [(run["id"], run["outcome"]) for run in told[-2:]] == [(last["id"], "done"), (last["id"], "failed")]
    assert "runs over this record already" in told[-1]["detail"]["en"]


def test_a_start_that_is_refused_leaves_nothing_behind_but_the_reason(office: Office) -> None:
    start = {"people": [], "criteria": {"all": [{"field": "status", "op": "eq", "value": "working"}]}}
    made = publish(office, form(step(office.zhao), start=start))
    saved = rule(office, made["id"]).json
    change(office, office.wang, 4)  # the record itself is read, and it is new
    assert instances(office) == []
    assert office.tasks(office.zhao) == []
    assert "condition" in runs(office, saved)[0]["error"]
    office.world.call("PATCH", f"/v1/approvals/{made['id']}", {"active": False})
    change(office, office.wang, 5)
    assert "switched off" in runs(office, saved)[0]["error"]


def test_an_order_waits_while_the_customer_service_does_not_answer(office: Office) -> None:
    made = publish(office, form(step(office.zhao)))
    rule(office, made["id"])
    office.answer = (503, {})
    office.world.deliver(office.world.message(changed(office, office.wang, 4)))
    occur_next(office.world.harness.service)
    assert instances(office) == []


def test_a_rule_names_a_process_over_its_own_object(office: Office) -> None:
    for wrong in ("nothing", "", None, 7):
        answer = rule(office, wrong)  # type: ignore[arg-type]
        assert [one["pointer"] for one in answer.json["errors"]] == ["/actions/0/process"]
