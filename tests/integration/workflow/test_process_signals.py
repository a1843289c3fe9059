"""Signals on both databases: every instance that waits hears one, and nobody who comes later."""

from __future__ import annotations

import pytest

from services.workflow.usecases.processes import signals
from services.workflow.usecases.processes.occurring import occur_next
from tests.integration.workflow.conftest import World
from tests.integration.workflow.test_processes import Office
from tests.support.bpmn import node, signal, start

TOP = '<signal id="s" name="stock changed"/>'


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def test_every_instance_that_waits_hears_a_signal_and_later_ones_do_not(
        office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signals, "_SLICE", 2)
    hearing = office.publish(start(), node("intermediateCatchEvent", "C", signal("s")), flows="Start>C", top=TOP)
    throwing = office.publish(start(), node("intermediateThrowEvent", "T", signal("s")), flows="Start>T", top=TOP)
    waiting = [office.start(hearing) for _ in range(5)]
    assert office.start(throwing)["state"] == "completed"
    later = office.start(hearing)
    while occur_next(office.world.harness.service):
        pass
    assert [office.instance(one)["state"] for one in waiting] == ["completed"] * 5
    assert office.instance(later)["state"] == "running"
    assert office.world.rows("process_signal") == []


def test_a_signal_comes_from_outside(office: Office) -> None:
    instance = office.start(office.publish(
        start(), node("intermediateCatchEvent", "C", signal("s")), flows="Start>C", top=TOP))
    (wait,) = office.diagram(instance)["waits"]
    assert (wait["kind"], wait["message"]) == ("signal", "stock changed")
    assert office.world.call("POST", "/v1/process-signals", {"name": "stock changed"}).status_code == 202
    while occur_next(office.world.harness.service):
        pass
    assert office.instance(instance)["state"] == "completed"
