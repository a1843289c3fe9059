"""Running instances go to another version: previewed, moved one by one, exactly, on both databases."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import update

from chassis.clock import from_wire
from chassis.db.tables import job
from chassis.jobs import JobRunner
from services.workflow.events import TASK_CHANGED
from services.workflow.usecases.moving import work
from services.workflow.usecases.processes.occurring import occur_next
from tests.integration.workflow.conftest import World
from tests.integration.workflow.test_processes import GATE, GATED, Office, one_boss, person
from tests.support.bpmn import approval, end, message, node, start, timer, user, xml

MESSAGES = '<message id="M" name="paid"/><message id="N" name="sent"/>'


@pytest.fixture
def office(world: World) -> Office:
    world.harness.neighbours["customer", "POST", "/v1/records/lead/seen"] = lambda asked: (200, {"ids": asked["ids"]})
    return Office(world)


def next_version(office: Office, process: dict[str, Any], *nodes: str, flows: str, top: str = "") -> int:
    answer = office.world.call("POST", f"/v1/processes/{process['id']}/versions",
                               {"xml": xml(*nodes, flows=flows, top=top)})
    assert answer.status_code == 201, answer.json
    return answer.json["latest"]


def ask(office: Office, process: dict[str, Any], what: str = "", target: int = 2, **mapping: str | None) -> Any:
    body = {"sources": [number for number in range(1, 4) if number < target], "target": target, "mapping": mapping}
    return office.world.call("POST", f"/v1/processes/{process['id']}/moves{what}", body)


def moved(office: Office, process: dict[str, Any], target: int = 2, **mapping: str | None) -> dict[str, Any]:
    """Move what runs, to the end."""
    answer = ask(office, process, target=target, **mapping)
    assert answer.status_code == 202, answer.json
    JobRunner(office.world.harness.service).run_one()
    return office.world.call("GET", f"/v1/processes/{process['id']}/moves/{answer.json['id']}").json


def results(office: Office, move: dict[str, Any]) -> list[dict[str, Any]]:
    return office.world.call("GET", f"/v1/processes/{move['process_id']}/moves/{move['id']}/results").json["items"]


def then_zhao(office: Office, process: dict[str, Any], first: str = "Boss") -> int:
    """The version in which Zhao decides after Li."""
    return next_version(office, process, start(), approval(first, person(office.li)),
                        approval("Second", person(office.zhao)), *GATE,
                        flows=f"Start>{first} {first}>Second Second>G {GATED}")


def test_a_task_stays_with_who_has_it_and_what_follows_is_new(office: Office) -> None:
    process = one_boss(office)
    instance = office.start(process)
    (before,) = office.tasks(office.li)
    then_zhao(office, process)
    seen = ask(office, process, "/preview").json
    assert (seen["instances"], seen["movable"], seen["obstacles"]) == (1, 1, [])
    assert [(one["node"], one["target"], one["instances"]) for one in seen["positions"]] == [("Boss", "Boss", 1)]
    assert office.instance(instance)["process_version"] == 1
    move = moved(office, process)
    assert (move["state"], move["progress"], move["counts"]) == ("finished", 1.0, {"moved": 1, "kept": 0, "gone": 0})
    assert [(one["outcome"], one["from_version"], one["instance"]["id"]) for one in results(office, move)] == [
        ("moved", 1, instance["id"])]
    assert office.instance(instance)["process_version"] == 2
    assert office.tasks(office.li) == [before]
    office.approve(office.li)
    assert office.instance(instance)["state"] == "running"
    office.approve(office.zhao)
    assert office.instance(instance)["outcome"] == "approved"
    lines = office.world.call("GET", f"/v1/instances/{instance['id']}/history").json["items"]
    (line,) = [one for one in lines if one["what"] == "moved"]
    assert (line["by"]["id"], line["detail"]["from"], line["detail"]["to"]) == (office.world.admin, 1, 2)
    versions = office.world.call("GET", f"/v1/processes/{process['id']}/versions").json["items"]
    assert [(one["number"], one["running"]) for one in versions] == [(2, 0), (1, 0)]


def test_an_element_that_is_gone_keeps_its_instances_until_somebody_says_what_stands_for_it(office: Office) -> None:
    process = one_boss(office)
    instance = office.start(process)
    then_zhao(office, process, first="Head")
    seen = ask(office, process, "/preview").json
    assert (seen["movable"], [one["code"] for one in seen["obstacles"]]) == (0, ["gone"])
    assert seen["obstacles"][0]["examples"] == [instance["id"]]
    assert [one["node"] for one in seen["positions"][0]["choices"]] == ["Head", "Second"]
    assert moved(office, process)["counts"] == {"moved": 0, "kept": 1, "gone": 0}
    move = moved(office, process, Boss="Head")
    assert move["counts"]["moved"] == 1
    (task,) = office.tasks(office.li)
    assert (task["title"], task["process"]["node"], task["version"]) == ("Head", "Head", 2)
    assert office.world.harness.published(TASK_CHANGED)[-1].data["action"] == "updated"
    shown = office.diagram(instance)
    assert [one["node"] for one in shown["tokens"]] == ["Head"]
    assert shown["former"] == [{"node": "Boss", "name": "Boss"}]
    office.approve(office.li)
    office.approve(office.zhao)
    assert office.instance(instance)["outcome"] == "approved"
    assert {one["name"] for one in office.diagram(instance)["held"]} == {"Head", "Second"}


def test_what_would_wait_for_ever_is_refused_with_the_place_and_the_reason(office: Office) -> None:
    process = one_boss(office)
    instance = office.start(process)
    fork, join = node("parallelGateway", "F"), node("parallelGateway", "J")
    next_version(office, process, start(), fork, approval("Boss", person(office.li)),
                 user("Legal", person(office.zhao)), join, *GATE,
                 flows=f"Start>F F>Boss F>Legal Boss>J Legal>J J>G {GATED}")
    (one,) = ask(office, process, "/preview").json["obstacles"]
    assert (one["code"], one["node"], one["target"]) == ("join_waits", "Boss", "J")
    assert "Legal" in one["words"]
    move = moved(office, process)
    (kept,) = results(office, move)
    assert (kept["outcome"], kept["reasons"][0]["words"]) == ("kept", one["words"])
    office.approve(office.li)
    assert office.instance(instance)["outcome"] == "approved"


def waiting(length: str, name: str, *more: str) -> tuple[tuple[str, ...], str]:
    return (start(), user("Ask", "<fh:applicant/>"), node("boundaryEvent", "T", timer(length), attachedToRef="Ask"),
            node("boundaryEvent", "W", message(name), attachedToRef="Ask", cancelActivity="false"), end(), *more), (
        "Start>Ask Ask>End T>End W>End")


def test_timers_and_messages_are_armed_once_and_keep_what_they_know(office: Office) -> None:
    nodes, flows = waiting("P3D", "M")
    process = office.publish(*nodes, flows=flows, top=MESSAGES)
    instance = office.start(process)
    (t, w) = office.world.rows("process_wait", "node")
    office.world.call("POST", "/v1/process-messages", {"name": "paid", "about": office.lead["id"]})
    next_version(office, process, *nodes, flows=flows, top=MESSAGES)
    moved(office, process)
    assert office.world.rows("process_wait", "node") == [t, w]
    longer, flows = waiting("P5D", "N")
    next_version(office, process, *longer, flows=flows, top=MESSAGES)
    moved(office, process, target=3)
    (t2, w2) = office.world.rows("process_wait", "node")
    assert t2["due_at"] == t["due_at"] + timedelta(days=2)
    assert (t2["since"], w2["key"], w2["due_at"]) == (t["since"], "sent", None)
    office.make_due()
    assert office.instance(instance)["state"] == "completed"
    assert [what for at, what in office.history(instance) if at == "T"] == ["occurred", "left"]


def test_what_went_wrong_in_the_old_version_is_tried_again_in_the_new_one(office: Office) -> None:
    def asking(formula: str) -> tuple[str, ...]:
        return (start(), user("Ask", "<fh:applicant/>"), node("boundaryEvent", "T", timer("P1D"), attachedToRef="Ask"),
                node("exclusiveGateway", "G", default="End"), end(), end("Other")), (
            f"Start>Ask Ask>End T>G G>End G>Other?{formula}")

    nodes, flows = asking("100/(score-10)>1")
    process = office.publish(*nodes, flows=flows)
    instance = office.start(process)
    office.make_due()
    assert office.instance(instance)["problem"]
    nodes, flows = asking("score>100")
    next_version(office, process, *nodes, flows=flows)
    moved(office, process)
    assert office.instance(instance)["problem"] is None
    while occur_next(office.world.harness.service):
        pass
    assert office.instance(instance)["state"] == "completed"


def test_a_worker_that_is_killed_anywhere_moves_each_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    process = one_boss(office)
    ids = [office.start(process)["id"] for _ in range(7)]
    then_zhao(office, process)
    dice, note = random.Random(7), work._note

    class Killed(BaseException):
        pass

    def deadly(*arguments: Any) -> None:
        if dice.random() < 0.3:
            raise Killed
        note(*arguments)
        if dice.random() < 0.2:
            raise Killed

    monkeypatch.setattr(work, "_note", deadly)
    started = ask(office, process).json
    service, lives = office.world.harness.service, 0
    while office.world.call("GET", f"/v1/processes/{process['id']}/moves/{started['id']}").json["state"] == "running":
        try:
            JobRunner(service).run_one()
        except Killed:
            lives += 1
            _free_the_lease(office)
    assert lives > 0
    move = office.world.call("GET", f"/v1/processes/{process['id']}/moves/{started['id']}").json
    assert move["counts"] == {"moved": 7, "kept": 0, "gone": 0}
    told = [row["instance_id"] for row in office.world.rows("process_history") if row["what"] == "moved"]
    assert sorted(told) == sorted(ids)


def _free_the_lease(office: Office) -> None:
    with office.world.harness.service.db.unit_of_work() as uow:
        uow.execute(update(job).where(job.c.state == "running").values(lease_until=from_wire("2020-01-01T00:00:00Z")))


def test_it_can_be_stopped_and_what_has_moved_stays(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    process = one_boss(office)
    ids = [office.start(process)["id"] for _ in range(4)]
    then_zhao(office, process)
    started = ask(office, process).json
    assert ask(office, process).json["code"] == "process_moves"
    path = f"/v1/processes/{process['id']}/moves/{started['id']}"

    def stop_after_two(service: Any, job: Any, move: Any, plans: Any, id: str, real: Any = work._move) -> None:
        if id == sorted(ids)[2]:
            assert office.world.call("POST", f"{path}/cancel").json["state"] == "cancelled"
        real(service, job, move, plans, id)

    monkeypatch.setattr(work, "_move", stop_after_two)
    JobRunner(office.world.harness.service).run_one()
    move = office.world.call("GET", path).json
    assert (move["state"], move["counts"]["moved"]) == ("cancelled", 2)
    versions = [row["process_version"] for row in office.world.rows("process_instance", "id")]
    assert versions == [2, 2, 1, 1]


def test_an_answer_at_the_same_moment_counts_once_in_one_of_the_versions(office: Office) -> None:
    process = one_boss(office)
    instance = office.start(process)
    then_zhao(office, process)
    assert ask(office, process).status_code == 202
    (task,) = office.tasks(office.li)
    gate, harness = Barrier(2), office.world.harness
    headers = {"Authorization": f"Bearer {harness.token(office.li)}", "If-Match": f'"{task["version"]}"'}

    def decide() -> int:
        gate.wait(30)
        return harness.app.test_client().post(
            f"/v1/tasks/{task['id']}/decide", json={"outcome": "approved"}, headers=headers).status_code

    def go() -> None:
        gate.wait(30)
        JobRunner(harness.service).run_one()

    with ThreadPoolExecutor(2) as pool:
        answer, moving = pool.submit(decide), pool.submit(go)
        moving.result()
        assert answer.result() == 200
    if office.instance(instance)["process_version"] == 2:
        office.approve(office.zhao)
    assert office.instance(instance)["outcome"] == "approved"
    assert [what for at, what in office.history(instance) if at == "Boss"].count("approved") == 1


def test_what_cannot_be_asked_is_told_at_its_place(office: Office) -> None:
    process = one_boss(office)
    path = f"/v1/processes/{process['id']}/moves/preview"
    for body, pointer in (({"sources": [1], "target": 1}, "/sources"), ({"sources": [1], "target": 9}, "/target"),
                          ({"sources": [7], "target": 1}, "/sources/0"), ({"sources": [], "target": 1}, "/sources")):
        answer = office.world.call("POST", path, body)
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)
    then_zhao(office, process)
    assert ask(office, process, "/preview", Nobody="Boss").json["errors"][0]["pointer"] == "/mapping/Nobody"
    assert office.world.call("GET", f"/v1/processes/{process['id']}/moves/{process['id']}").status_code == 404
    assert office.world.call("POST", path, {"sources": [1], "target": 2}, as_user=office.li).status_code == 403
