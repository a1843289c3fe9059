"""People who act at the same moment act one after the other, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import sleep
from typing import Any

import pytest

from services.workflow.usecases.processes.ordered import start_next
from tests.integration.workflow.conftest import World, a_change
from tests.integration.workflow.test_processes import GATE, GATED, Office, one_boss, person
from tests.support.bpmn import approval, many, start

ROUNDS = 5


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def at_once(office: Office, *decisions: tuple[str, str]) -> list[int]:
    """Let people decide their only open task in the same moment; returns the statuses."""
    harness, gate = office.world.harness, Barrier(len(decisions))
    calls = [(who, office.tasks(who)[0]["id"], outcome) for who, outcome in decisions]

    def decide(call: tuple[str, str, str]) -> int:
        who, task, outcome = call
        headers: dict[str, Any] = {"Authorization": f"Bearer {harness.token(who)}"}
        gate.wait(30)
        return harness.app.test_client().post(
            f"/v1/tasks/{task}/decide", json={"outcome": outcome}, headers=headers).status_code

    with ThreadPoolExecutor(len(decisions)) as pool:
        return sorted(pool.map(decide, calls))


def test_of_two_who_may_decide_one_does(office: Office) -> None:
    process = office.publish(start(), approval("Any", person(office.li) + person(office.zhao)), *GATE,
                             flows=f"Start>Any Any>G {GATED}")
    for _ in range(ROUNDS):
        instance = office.start(process)
        assert at_once(office, (office.li, "approved"), (office.zhao, "rejected")) == [200, 409]
        what = [what for node, what in office.history(instance) if node == "Any"]
        assert sum(one in ("approved", "rejected") for one in what) == 1
        assert office.instance(instance)["state"] == "completed"


def test_of_two_who_must_agree_both_count(office: Office) -> None:
    process = office.publish(start(), approval("All", person(office.li) + person(office.zhao),
                                               many=many("process.rejected > 0")), *GATE,
                             flows=f"Start>All All>G {GATED}")
    for _ in range(ROUNDS):
        instance = office.start(process)
        assert at_once(office, (office.li, "approved"), (office.zhao, "approved")) == [200, 200]
        assert office.instance(instance)["outcome"] == "approved"


def test_of_two_orders_over_one_record_one_starts_the_process(office: Office) -> None:
    process = one_boss(office)
    for _ in range(2):
        office.world.rule(actions=[{"type": "start_process", "process": process["id"]}])
    office.world.deliver(office.world.message(a_change(by=office.wang, **office.lead)))
    service, gate = office.world.harness.service, Barrier(2)

    def slowly(_: Any) -> tuple[int, Any]:
        sleep(0.5)
        return office.answer

    def begin(_: int) -> bool:
        gate.wait(30)
        return start_next(service)

    office.world.harness.neighbours["customer", "GET", f"/v1/records/lead/{office.lead['id']}"] = slowly
    with ThreadPoolExecutor(2) as pool:
        assert any(pool.map(begin, range(2)))
    while start_next(service):
        pass
    assert len(office.tasks(office.li)) == 1
    assert sorted(run["outcome"] for run in office.world.rows("rule_run")) == ["done", "failed"]
