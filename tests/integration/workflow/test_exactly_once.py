"""Exactly one effect, whatever is delivered twice, crashes or does not answer; and few statements for many changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from chassis.clock import utcnow
from chassis.ids import new_id
from services.workflow.events import RUN_RECORDED, TASK_CHANGED
from services.workflow.store.tables import intent_group
from services.workflow.usecases import carrying_out
from services.workflow.usecases.settling import Fate
from tests.integration.workflow.conftest import BATCH, World, a_change, all_done
from tests.integration.workflow.test_effects import TASK, round_robin


def make_due(world: World) -> None:
    """Let all leases and pauses end."""
    with world.harness.service.db.unit_of_work() as uow:
        uow.execute(update(intent_group).values(due_at=utcnow() - timedelta(seconds=1)))


def keys(world: World) -> list[str]:
    return [asked.headers["Idempotency-Key"] for asked in world.batches]


def test_a_message_delivered_twice_has_one_effect(world: World) -> None:
    world.rule(actions=[round_robin(world), TASK])
    message = world.message(a_change())
    world.deliver(message)
    world.deliver(message)
    world.carry_out()
    assert [len(world.rows(name)) for name in ("rule_run", "task")] == [1, 1]
    assert len(world.batches) == 1


def test_the_same_change_under_another_message_id_has_one_effect(world: World) -> None:
    world.rule(actions=[round_robin(world), TASK])
    message = world.message(a_change())
    world.deliver(message, replace(message, id=new_id()))
    world.deliver(replace(message, id=new_id()))
    assert [len(world.rows(name)) for name in ("rule_run", "task", "intent")] == [1, 1, 1]


def test_a_crash_before_the_commit_leaves_nothing_and_the_next_try_does_all(
        world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from services.workflow.usecases import reacting

    world.rule(actions=[round_robin(world), TASK])
    message = world.message(a_change())

    def crash(*_: Any) -> None:
        raise RuntimeError("the machine is gone")

    with monkeypatch.context() as patched:
        patched.setattr(reacting, "follow_records", crash)
        with pytest.raises(RuntimeError):
            world.deliver(message)
    assert [len(world.rows(name)) for name in ("rule_run", "task", "intent")] == [0, 0, 0]
    world.deliver(message)
    assert [len(world.rows(name)) for name in ("rule_run", "task", "intent")] == [1, 1, 1]


@pytest.mark.parametrize("moment", ["before the call", "after the call"])
def test_a_crash_around_the_call_repeats_the_same_call_under_the_same_key(
        world: World, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    world.rule()
    world.deliver(world.message(*[a_change() for _ in range(3)]))

    def crash(*_: Any) -> None:
        raise RuntimeError("the machine is gone")

    with monkeypatch.context() as patched:
        patched.setattr(carrying_out, "_operations" if moment == "before the call" else "settle", crash)
        with pytest.raises(RuntimeError):
            world.carry_out()
    assert world.carry_out() == 0, "the lease still holds"
    make_due(world)
    assert world.carry_out() == 1
    assert len(set(keys(world))) == 1
    assert all(asked.json == world.batches[0].json for asked in world.batches)
    assert [run["outcome"] for run in world.rows("rule_run")] == ["done"] * 3
    assert len(world.harness.published(RUN_RECORDED)) == 1
    assert world.rows("intent") == world.rows("intent_group") == []


def test_a_worker_that_lost_its_lease_settles_nothing(world: World) -> None:
    world.rule()
    world.created()
    claimed = carrying_out.claim(world.harness.service)
    make_due(world)
    assert world.carry_out() == 1
    carrying_out.settle(world.harness.service, [(claimed[0], {claimed[0].intents[0].id: Fate("failed")})])
    assert [run["outcome"] for run in world.rows("rule_run")] == ["done"]
    assert len(world.harness.published(RUN_RECORDED)) == 1


def test_a_customer_service_that_does_not_answer_is_asked_again_later(world: World) -> None:
    world.harness.neighbours[BATCH] = lambda _: (500, {"code": "internal"})
    world.rule()
    world.created()
    assert world.carry_out() == 0
    assert world.rows("rule_run")[0]["outcome"] == "pending"
    assert world.rows("intent_group")[0]["error"] == "customer answered 500"
    world.harness.neighbours[BATCH] = all_done
    make_due(world)
    assert world.carry_out() == 1
    assert world.rows("rule_run")[0]["outcome"] == "done"
    assert len(set(keys(world))) == 1


def test_a_change_that_nobody_ever_takes_is_given_up_after_a_day(world: World) -> None:
    world.harness.neighbours[BATCH] = lambda _: (500, {})
    world.rule()
    world.created()
    with world.harness.service.db.unit_of_work() as uow:
        uow.execute(update(intent_group).values(created_at=utcnow() - timedelta(hours=25)))
    world.carry_out()
    run = world.rows("rule_run")[0]
    assert run["outcome"] == "failed"
    assert "did not answer" in run["error"]["en"]


def test_single_changes_that_met_trouble_are_tried_again_on_their_own(world: World) -> None:
    def half(json: Any) -> tuple[int, Any]:
        return 200, {"results": [{"status": 503 if position else 200} for position in range(len(json["operations"]))]}

    world.harness.neighbours[BATCH] = half
    world.rule()
    world.deliver(world.message(a_change(), a_change()))
    world.carry_out()
    assert sorted(run["outcome"] for run in world.rows("rule_run")) == ["done", "pending"]
    make_due(world)
    world.harness.neighbours[BATCH] = all_done
    assert world.carry_out() == 1
    assert [len(asked.json["operations"]) for asked in world.batches] == [2, 1]
    assert len(set(keys(world))) == 2
    assert [run["outcome"] for run in world.rows("rule_run")] == ["done", "done"]


def test_what_rules_do_to_one_record_happens_in_order(world: World) -> None:
    world.rule(trigger={"on": "changed"}, criteria={"all": []},
               actions=[{"type": "set_fields", "values": {"score": 1}}])
    first, second = a_change("updated", {"name": "x"}, version=2), a_change("updated", {"name": "x"}, version=2)
    world.deliver(world.message(first))
    world.deliver(world.message(a_change("updated", {"name": "y"}, id=first["id"], version=3)))
    world.deliver(world.message(second))
    taken = carrying_out.claim(world.harness.service)
    assert [claimed.intents[0].record_id for claimed in taken] == [first["id"], second["id"]]
    assert carrying_out.claim(world.harness.service) == [], "the second change of the first record waits"


def test_an_import_event_of_500_changes_takes_few_statements(
        world: World, statements: Callable[[], list[str]]) -> None:
    world.rule(actions=[round_robin(world), TASK])
    world.created()
    world.carry_out()
    statements()
    world.deliver(world.message(*[a_change() for _ in range(500)], bulk="0190c0de-0000-7000-8000-000000000001"))
    assert len(statements()) <= 20
    assert world.carry_out() == 1
    assert len(statements()) <= 20
    assert len(world.batches[-1].json["operations"]) == 500
    assert len(world.harness.published(TASK_CHANGED)[-1].data["tasks"]) == 500
    assert len(world.rows("task")) == 501


def test_groups_that_were_not_reached_are_given_back_when_the_customer_service_fails(world: World) -> None:
    answers = [(500, {})] * 8
    world.harness.neighbours[BATCH] = lambda json: answers.pop() if answers else all_done(json)
    world.rule()
    world.deliver(*[world.message(a_change()) for _ in range(3)])
    assert world.carry_out() == 0
    assert len(world.batches) == 1, "one trouble is enough"
    assert sorted(group["attempts"] for group in world.rows("intent_group")) == [0, 0, 1]
    answers.clear()
    assert world.carry_out() == 1
    assert sorted(run["outcome"] for run in world.rows("rule_run")) == ["done", "done", "pending"]


def test_a_burst_of_events_is_carried_out_many_calls_at_a_time(
        world: World, statements: Callable[[], list[str]]) -> None:
    world.rule()
    world.deliver(*[world.message(a_change()) for _ in range(20)])
    statements()
    assert world.carry_out() == 1
    assert len(world.batches) == 20
    assert len(statements()) <= 20
