"""The service's worker at work: from an event at the broker to the call that changes the record."""

from __future__ import annotations

import time
from collections.abc import Callable

from chassis.events.broker import Outgoing
from chassis.worker import Worker
from tests.integration.workflow.conftest import World, a_change
from tests.integration.workflow.test_effects import TASK, round_robin


def until(condition: Callable[[], bool], seconds: float = 20) -> float:
    """Wait for a condition; returns how long it took."""
    started = time.perf_counter()
    while not condition():
        assert time.perf_counter() - started < seconds, "it never happened"
        time.sleep(0.005)
    return time.perf_counter() - started


def test_an_event_becomes_a_task_and_a_changed_record_without_waiting_for_a_poll(world: World) -> None:
    world.rule(actions=[round_robin(world), TASK])
    service = world.harness.service
    worker = Worker(service)
    worker.start()
    try:
        for number in range(1, 6):
            message = world.message(a_change())
            service.broker.publish([Outgoing(message.type, message.to_json())])
            until(lambda number=number: len(world.rows("task")) == number)
            took = until(lambda number=number: len(world.batches) == number)
            assert took < 0.9, "the loop was woken, it did not wait for its next look"
        until(lambda: all(run["outcome"] == "done" for run in world.rows("rule_run")))
    finally:
        assert worker.stop(20)
