"""Processes over the API: published, started over a record, decided by people, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from chassis.clock import utcnow
from chassis.ids import new_id
from chassis.jsonio import dumps
from services.workflow.consumers import PERSON_ERASED, RECORD_MERGED
from services.workflow.events import NOTIFICATION_REQUESTED, TASK_CHANGED
from services.workflow.store.tables import process_wait
from services.workflow.usecases.processes.occurring import occur_next
from tests.integration.workflow.conftest import BATCH, World, a_change
from tests.support.bpmn import approval, end, many, message, node, service, start, timer, user, xml

LEAD = {"id": "", "version": 3, "name": "Matrix", "region": "east", "status": "new", "owner_id": None,
        "expected_amount": {"amount": "500.00", "currency": "CNY"}, "score": 10}


class Office:
    """A world with one record over which processes run."""

    def __init__(self, world: World) -> None:
        self.world, self.wang, self.li, self.zhao = world, *world.sellers
        self.lead = LEAD | {"id": new_id(), "owner_id": self.li}
        self.answer: tuple[int, Any] = (200, self.lead)
        world.harness.neighbours["customer", "GET", f"/v1/records/lead/{self.lead['id']}"] = lambda _: self.answer

    def publish(self, *nodes: str, flows: str, top: str = "", **more: Any) -> dict[str, Any]:
        body = {"name": {"en": "Special price", "zh-CN": "特价"}, "object": "lead",
                "xml": xml(*nodes, flows=flows, top=top)} | more
        answer = self.world.call("POST", "/v1/processes", body)
        assert answer.status_code == 201, answer.json
        return answer.json

    def start(self, process: dict[str, Any], who: str | None = None) -> dict[str, Any]:
        answer = self.world.call("POST", f"/v1/processes/{process['id']}/instances",
                                 {"record_id": self.lead["id"]}, as_user=who or self.wang)
        assert answer.status_code == 201, answer.json
        return answer.json

    def instance(self, instance: dict[str, Any], who: str | None = None) -> dict[str, Any]:
        return self.world.call("GET", f"/v1/instances/{instance['id']}", as_user=who or self.wang).json

    def tasks(self, who: str, state: str = "open") -> list[dict[str, Any]]:
        return self.world.call("GET", f"/v1/tasks?state={state}&assignee_id={who}", as_user=who).json["items"]

    def act(self, who: str, what: str = "decide", **body: Any) -> Any:
        """Act on the only open task of somebody."""
        (task,) = self.tasks(who)
        return self.world.call("POST", f"/v1/tasks/{task['id']}/{what}", body, as_user=who)

    def approve(self, who: str) -> dict[str, Any]:
        answer = self.act(who, outcome="approved")
        assert answer.status_code == 200, answer.json
        return answer.json

    def history(self, instance: dict[str, Any]) -> list[tuple[str | None, str]]:
        answer = self.world.call("GET", f"/v1/instances/{instance['id']}/history?limit=200", as_user=self.wang)
        return [(line["node"], line["what"]) for line in answer.json["items"]]

    def diagram(self, instance: dict[str, Any]) -> dict[str, Any]:
        return self.world.call("GET", f"/v1/instances/{instance['id']}/diagram", as_user=self.wang).json

    def make_due(self) -> None:
        """Let time pass for whatever waits for it."""
        with self.world.harness.service.db.unit_of_work() as uow:
            uow.execute(update(process_wait).where(process_wait.c.due_at.is_not(None)).values(
                due_at=utcnow() - timedelta(seconds=1)))
        while occur_next(self.world.harness.service):
            pass

    def told(self, who: str) -> list[dict[str, Any]]:
        return [one for sent in self.world.harness.published(NOTIFICATION_REQUESTED)
                for one in sent.data["notifications"] if one["user_id"] == who]


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def person(id: str) -> str:
    return f'<fh:person id="{id}"/>'


GATE = (node("exclusiveGateway", "G", default="Good"), end("Good"), end("Bad"))
GATED = 'G>Bad?process.outcome="rejected" G>Good'


def one_boss(office: Office) -> dict[str, Any]:
    """Li decides."""
    return office.publish(start(), approval("Boss", person(office.li)), *GATE, flows=f"Start>Boss Boss>G {GATED}")


def test_an_approval_from_the_application_to_its_end(office: Office) -> None:
    instance = office.start(one_boss(office))
    assert (instance["state"], instance["link"]["title"], instance["outcome"]) == ("running", "Matrix", None)
    (task,) = office.tasks(office.li)
    assert (task["title"], task["link"]["title"], task["process"]) == (
        "Boss", "Matrix", {"instance_id": instance["id"], "node": "Boss", "decision": True,
                           "applicant": {"id": office.wang, "name": "Wang"}})
    assert task["created_by"]["kind"] == "process"
    assert [one["template"] for one in office.told(office.li)] == ["task_assigned"]
    assert office.diagram(instance)["tokens"][0]["people"][0]["name"] == "Li"
    done = office.act(office.li, outcome="approved", comment="好的")
    assert (done.json["state"], done.json["completed_by"]) == ("done", office.li)
    after = office.instance(instance)
    assert (after["state"], after["outcome"]) == ("completed", "approved")
    assert office.history(instance) == [
        (None, "started"), ("Start", "left"), ("Boss", "waiting"), ("Boss", "approved"), ("Boss", "left"),
        ("G", "left"), ("Good", "ended")]
    assert office.told(office.wang)[-1]["params"]["message"]["zh-CN"] == "“特价”已同意：Matrix"
    assert [(sent.data["action"], sent.data["tasks"][0].get("decision"))
            for sent in office.world.harness.published(TASK_CHANGED)] == [("created", None), ("completed", "approved")]


def test_a_decision_is_made_once_and_by_who_has_it(office: Office) -> None:
    office.start(one_boss(office))
    (task,) = office.tasks(office.li)
    path = f"/v1/tasks/{task['id']}"
    call = office.world.call
    assert call("POST", f"{path}/decide", {"outcome": "approved"}, as_user=office.zhao).status_code == 404
    assert call("POST", f"{path}/decide", {"outcome": "approved"}).json["code"] == "task_not_yours"
    assert call("POST", f"{path}/decide", {"outcome": "done"}, as_user=office.li).status_code == 422
    assert call("POST", f"{path}/complete", as_user=office.li).status_code == 422
    for what, body in (("POST", f"{path}/cancel"), ("POST", f"{path}/reopen"), ("PATCH", path)):
        assert call(what, body, {} if what == "PATCH" else None, as_user=office.li).json["code"] == "task_of_process"
    stale = call("POST", f"{path}/decide", {"outcome": "approved"}, as_user=office.li, headers={"If-Match": '"7"'})
    assert stale.status_code == 412
    office.approve(office.li)
    again = call("POST", f"{path}/decide", {"outcome": "rejected"}, as_user=office.li)
    assert (again.status_code, again.json["code"]) == (409, "task_decided")


def test_a_running_instance_keeps_its_version(office: Office) -> None:
    process = one_boss(office)
    old = office.start(process)
    after = xml(start(), user("Tell", person(office.zhao)), flows="Start>Tell")
    assert office.world.call("POST", f"/v1/processes/{process['id']}/versions", {"xml": after}).json["latest"] == 2
    new = office.start(process)
    assert (old["process_version"], new["process_version"]) == (1, 2)
    assert [task["process"]["node"] for task in office.tasks(office.zhao)] == ["Tell"]
    office.approve(office.li)
    assert office.instance(old)["state"] == "completed"
    path = f"/v1/processes/{process['id']}/versions"
    assert [one["number"] for one in office.world.call("GET", path).json["items"]] == [2, 1]
    assert office.world.call("GET", f"{path}/2").json["xml"] == after


def test_all_must_agree(office: Office) -> None:
    people = person(office.li) + person(office.zhao)
    process = office.publish(start(), approval("All", people, many=many("process.rejected > 0")), *GATE,
                             flows=f"Start>All All>G {GATED}")
    good, bad = office.start(process), None
    office.approve(office.zhao)
    assert office.instance(good)["state"] == "running"
    office.approve(office.li)
    assert office.instance(good)["outcome"] == "approved"
    bad = office.start(process)
    assert office.act(office.li, outcome="rejected").json["state"] == "done"
    assert (office.instance(bad)["outcome"], office.tasks(office.zhao)) == ("rejected", [])


def test_one_of_several_suffices_and_the_others_lose_the_task(office: Office) -> None:
    instance = office.start(office.publish(start(), approval("Any", person(office.li) + person(office.zhao)), *GATE,
                                           flows=f"Start>Any Any>G {GATED}"))
    office.approve(office.zhao)
    assert office.instance(instance)["outcome"] == "approved"
    assert [task["state"] for task in office.tasks(office.li, "cancelled")] == ["cancelled"]


def test_in_turn(office: Office) -> None:
    people = person(office.li) + person(office.zhao)
    instance = office.start(office.publish(
        start(), approval("Turn", people, many=many("process.rejected > 0", sequential=True)), *GATE,
        flows=f"Start>Turn Turn>G {GATED}"))
    assert office.tasks(office.zhao) == []
    office.approve(office.li)
    office.approve(office.zhao)
    assert office.instance(instance)["outcome"] == "approved"


def test_a_task_is_handed_over(office: Office) -> None:
    instance = office.start(one_boss(office))
    answer = office.act(office.li, "hand-over", person_id=office.zhao, comment="on leave")
    assert answer.json["assignee_name"] == "Zhao"
    office.approve(office.zhao)
    assert office.instance(instance)["state"] == "completed"
    assert ("Boss", "handed_over") in office.history(instance)
    assert office.instance(instance, office.li)["id"] == instance["id"]


def test_somebody_is_added_before_and_after(office: Office) -> None:
    instance = office.start(one_boss(office))
    office.act(office.li, "add-approver", person_id=office.zhao, before=True)
    assert office.tasks(office.li) == []
    office.approve(office.zhao)
    assert office.act(office.li, "add-approver", person_id=office.zhao).status_code == 200
    office.approve(office.li)
    assert office.instance(instance)["state"] == "running"
    office.approve(office.zhao)
    assert office.instance(instance)["outcome"] == "approved"


def test_an_application_is_sent_back_to_an_earlier_step(office: Office) -> None:
    instance = office.start(office.publish(
        start(), user("Fill"), approval("Boss", person(office.li)), *GATE,
        flows=f"Start>Fill Fill>Boss Boss>G {GATED}"))
    (task,) = office.tasks(office.wang)
    assert office.world.call("POST", f"/v1/tasks/{task['id']}/complete", as_user=office.wang).json["state"] == "done"
    assert office.diagram(instance)["tokens"][0]["back_to"] == [{"node": "Fill", "name": "Fill"}]
    assert office.act(office.li, "send-back", to="G").json["code"] == "process_cannot_go_on"
    assert office.act(office.li, "send-back", to="Fill", comment="which price?").status_code == 200
    assert office.tasks(office.li) == []
    assert office.act(office.wang, outcome="done").status_code == 200
    office.approve(office.li)
    assert office.instance(instance)["state"] == "completed"


def test_an_application_is_withdrawn_by_who_applied(office: Office) -> None:
    instance = office.start(one_boss(office))
    path = f"/v1/instances/{instance['id']}/withdraw"
    assert office.world.call("POST", path, {}, as_user=office.zhao).status_code == 404
    assert office.world.call("POST", path, {}, as_user=office.li).json["code"] == "instance_not_yours"
    assert office.world.call("POST", path, {"comment": "mistake"}, as_user=office.wang).json["state"] == "withdrawn"
    assert office.tasks(office.li) == []
    assert office.world.call("POST", path, {}, as_user=office.wang).json["code"] == "instance_ended"
    last = office.world.harness.published(TASK_CHANGED)[-1].data
    assert (last["action"], last["tasks"][0]["decision"]) == ("cancelled", "withdrawn")


def test_approvers_by_role_above_by_field_and_by_who_published(office: Office) -> None:
    harness = office.world.harness
    role = harness.role(permissions=())
    head = harness.department("Head office")
    harness.update("departments", {"id": office.world.east, "name": "East", "parent_id": head})
    boss = harness.user("Boss", head, (role,))
    key = harness.service.directory.snapshot(fresh=True).roles[role]["key"]
    office.start(office.publish(start(), user("A", f'<fh:role key="{key}" up="1"/>'), flows="Start>A"))
    office.start(office.publish(start(), user("B", '<fh:field name="owner_id"/>'), flows="Start>B"))
    office.start(office.publish(start(), user("C", f'<fh:role key="{key}" up="9"/>'), flows="Start>C"))
    assert [task["title"] for task in office.tasks(boss)] == ["A"]
    assert [task["title"] for task in office.tasks(office.li)] == ["B"]
    assert [task["title"] for task in office.tasks(office.world.admin)] == ["C"]


def test_a_timer_escalates_once(office: Office) -> None:
    instance = office.start(office.publish(
        start(), user("Slow", person(office.li)), node("boundaryEvent", "Late", timer("P3D"), attachedToRef="Slow"),
        user("Boss", person(office.zhao)), flows="Start>Slow Late>Boss"))
    (wait,) = office.diagram(instance)["waits"]
    assert (wait["kind"], wait["node"]) == ("timer", "Late")
    assert occur_next(office.world.harness.service) is False
    office.make_due()
    assert office.tasks(office.li) == []
    assert [task["title"] for task in office.tasks(office.zhao)] == ["Boss"]


def test_a_message_lets_the_process_go_on(office: Office) -> None:
    instance = office.start(office.publish(
        start(), node("intermediateCatchEvent", "M", message("m")), flows="Start>M",
        top='<message id="m" name="signed"/>'))
    path = f"/v1/instances/{instance['id']}/messages"
    assert office.world.call("POST", path, {"name": "other"}).json["code"] == "message_not_awaited"
    assert office.world.call("POST", path, {"name": "signed"}).json["state"] == "completed"


SET = '[{"type": "set_fields", "values": {"status": "working"}}]'


def test_a_service_task_changes_the_record_once_and_then_goes_on(office: Office) -> None:
    instance = office.start(office.publish(
        start(), service("Write", SET), user("Then", person(office.li)), flows="Start>Write Write>Then"))
    assert [wait["kind"] for wait in office.diagram(instance)["waits"]] == ["change"]
    assert office.world.carry_out() == 1
    (asked,) = office.world.batches
    assert asked.json["operations"] == [{"action": "update", "id": office.lead["id"], "values": {"status": "working"}}]
    office.make_due()
    assert [task["title"] for task in office.tasks(office.li)] == ["Then"]
    assert office.world.carry_out() == 0


def test_a_change_that_is_refused_is_told_and_tried_again(office: Office) -> None:
    instance = office.start(office.publish(start(), service("Write", SET), flows="Start>Write"))
    office.world.harness.neighbours[BATCH] = lambda _: (200, {"results": [
        {"status": 422, "problem": {"title": "Wrong", "detail": "No budget"}}]})
    office.world.carry_out()
    office.make_due()
    after = office.instance(instance)
    assert (after["state"], "No budget" in after["problem"]) == ("running", True)
    assert office.diagram(instance)["failed"] == [{"node": "Write", "name": "Write", "words": after["problem"]}]
    office.world.harness.neighbours[BATCH] = lambda json: (200, {"results": [{"status": 200}]})
    assert office.world.call("POST", f"/v1/instances/{instance['id']}/retry").json["problem"] is None
    assert office.world.call("POST", f"/v1/instances/{instance['id']}/retry").json["code"] == "nothing_to_try"
    office.world.carry_out()
    office.make_due()
    assert office.instance(instance)["state"] == "completed"


def test_a_service_task_makes_tasks_and_messages(office: Office) -> None:
    actions = dumps([{"type": "create_task", "title": {"en": "Call"}},
                     {"type": "notify", "to": {"user_id": office.zhao}, "message": {"en": "Look"}}])
    instance = office.start(office.publish(start(), service("Do", actions), flows="Start>Do"))
    assert instance["state"] == "completed"
    assert [(task["title"], task["created_by"]["kind"]) for task in office.tasks(office.li)] == [("Call", "process")]
    assert [one["params"]["message"] for one in office.told(office.zhao)] == [{"en": "Look"}]


def test_what_cannot_be_worked_out_is_said_and_changes_nothing(office: Office) -> None:
    process = office.publish(start(), user("A", person(office.li)), node("exclusiveGateway", "G", default="Good"),
                             end("Good"), end("Bad"), flows="Start>A A>G G>Bad?10/score>1 G>Good")
    instance = office.start(process)
    office.lead["score"] = 0
    answer = office.act(office.li, outcome="done")
    assert (answer.status_code, answer.json["code"]) == (409, "process_cannot_go_on")
    assert answer.json["detail"].startswith("“G”: the formula cannot be worked out:")
    assert len(office.tasks(office.li)) == 1
    office.lead["score"] = 1
    assert office.act(office.li, outcome="done").status_code == 200
    assert office.instance(instance)["state"] == "completed"


def test_a_timer_that_meets_trouble_tries_again_and_says_why(office: Office) -> None:
    instance = office.start(office.publish(
        start(), node("intermediateCatchEvent", "T", timer()), user("A", person(office.li)), flows="Start>T T>A"))
    office.answer = (503, {})
    with office.world.harness.service.db.unit_of_work() as uow:
        uow.execute(update(process_wait).values(due_at=utcnow() - timedelta(seconds=1)))
    assert occur_next(office.world.harness.service) is True
    assert occur_next(office.world.harness.service) is False
    assert office.instance(instance)["problem"] == "The customer service does not answer; it is tried again."
    office.answer = (200, office.lead)
    office.make_due()
    assert (len(office.tasks(office.li)), office.instance(instance)["problem"]) == (1, None)


def test_instances_of_a_deleted_record_end(office: Office) -> None:
    instance = office.start(one_boss(office))
    gone = a_change("deleted", id=office.lead["id"], version=4)
    office.world.deliver(office.world.message(gone))
    assert office.instance(instance)["state"] == "cancelled"
    assert office.tasks(office.li) == []


def test_instances_follow_a_merge_and_forget_an_erased_person(office: Office) -> None:
    instance, survivor = office.start(one_boss(office)), new_id()
    harness = office.world.harness
    harness.deliver(harness.message(RECORD_MERGED, {
        "merge_id": new_id(), "object": "lead", "survivor_id": survivor, "merged_id": office.lead["id"],
        "title": "Matrix Ltd", "undone": False}))
    assert office.instance(instance)["link"] == {"object": "lead", "id": survivor, "title": "Matrix Ltd"}
    harness.deliver(harness.message(PERSON_ERASED, {"object": "lead", "ids": [survivor]}))
    assert office.instance(instance)["link"]["title"] == "[erased]"


def test_who_does_not_see_the_record_starts_nothing_and_others_see_nothing(office: Office) -> None:
    process, world = one_boss(office), office.world
    path = f"/v1/processes/{process['id']}/instances"
    assert world.call("POST", path, {"record_id": new_id()}, as_user=office.wang).status_code == 422
    instance = office.start(process)
    assert world.call("GET", f"/v1/instances/{instance['id']}", as_user=office.zhao).status_code == 404
    assert world.call("GET", "/v1/instances", as_user=office.zhao).json["items"] == []
    assert [one["id"] for one in world.call("GET", "/v1/instances", as_user=office.wang).json["items"]] == [
        instance["id"]]
    (seen,) = world.call("GET", "/v1/instances", as_user=office.li).json["items"]
    assert seen["link"]["title"] is None
    world.call("PATCH", f"/v1/processes/{process['id']}", {"active": False})
    assert world.call("POST", path, {"record_id": office.lead["id"]}, as_user=office.wang).json["code"] == (
        "process_rests")


def test_a_wrong_file_is_refused_with_its_elements_in_both_languages(office: Office) -> None:
    body = {"name": {"en": "X"}, "object": "lead", "xml": xml(
        start(), node("scriptTask", "S", "<script>import os</script>"), user("U", ""), flows="Start>S S>U")}
    english = office.world.call("POST", "/v1/processes", body)
    errors = {(one["element"], one["code"]): one["detail"] for one in english.json["errors"]}
    assert english.status_code == 422
    assert errors["S", "bpmn_not_executed"] == "scriptTask “S”: scriptTask is not executed by this product."
    assert ("U", "bpmn_people_missing") in errors
    assert office.world.rows("process") == []
    assert office.world.call("POST", "/v1/processes/check", {"object": "lead", "xml": body["xml"]}).status_code == 422
    chinese = office.world.harness.user("中文", roles=(office.world.harness.role(permissions=("rules.manage",)),),
                                        locale="zh-CN")
    said = office.world.call("POST", "/v1/processes", body, as_user=chinese).json["errors"]
    assert "scriptTask“S”：本产品不执行 scriptTask。" in [one["detail"] for one in said]


def test_a_key_is_taken_once(office: Office) -> None:
    parts = {"flows": "Start>A", "key": "price"}
    office.publish(start(), user("A"), **parts)
    answer = office.world.call("POST", "/v1/processes", {
        "name": {"en": "X"}, "object": "lead", "key": "price", "xml": xml(start(), user("A"), flows="Start>A")})
    assert (answer.status_code, answer.json["code"]) == (409, "process_key_taken")
