"""Timers and due times of processes in working time, on both databases: by whose calendar, and what a new one moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.db.tables import job
from chassis.ids import new_id
from chassis.jobs import JobRunner
from services.workflow.usecases import recounting
from services.workflow.usecases.processes import occurring, steps
from services.workflow.usecases.processes.occurring import occur_next
from services.workflow.usecases.recounting import follow_calendars
from tests.integration.workflow.conftest import World
from tests.integration.workflow.test_processes import Office, person
from tests.support.bpmn import node, start, timer, user

FRIDAY = datetime(2026, 11, 27, 9, tzinfo=UTC)
NINE_TO_FIVE = [*([[["09:00", "17:00"]]] * 5), [], []]
SATURDAYS_TOO = [*NINE_TO_FIVE[:5], NINE_TO_FIVE[0], []]
CALENDAR: dict[str, Any] = {"id": new_id(), "key": None, "name": {"en": "x"}, "timezone": "UTC", "days": [],
                            "is_default": True, "week": NINE_TO_FIVE}
LATE = node("boundaryEvent", "Late", timer("P2D", "working"), attachedToRef="Slow")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The time of steps and of what occurs: its only member."""
    clock = [FRIDAY]
    for module in (steps, occurring):
        monkeypatch.setattr(module, "utcnow", lambda: clock[0])
    return clock


@pytest.fixture
def office(world: World, clock: list[datetime]) -> Office:
    world.harness.update("calendars", CALENDAR)
    return Office(world)


def slow(office: Office) -> dict[str, Any]:
    return office.start(office.publish(
        start(), user("Slow", person(office.li), more='<fh:due in="12wh"/>'), LATE, user("Boss", person(office.li)),
        flows="Start>Slow Late>Boss"))


def follow(office: Office) -> None:
    """What a minute's schedule and the job that it asks for do."""
    service = office.world.harness.service
    follow_calendars(service)
    while JobRunner(service).run_one():
        pass


def times(office: Office) -> tuple[datetime, datetime]:
    (wait,), (task,) = office.world.rows("process_wait"), office.world.rows("task")
    return wait["due_at"], task["due_at"]


def test_timers_and_due_times_pass_over_the_weekend(office: Office, clock: list[datetime]) -> None:
    instance = slow(office)
    tuesday, monday_at_one = FRIDAY + timedelta(days=4), FRIDAY + timedelta(days=3, hours=4)
    assert times(office) == (tuesday, monday_at_one)
    clock[0] = tuesday - timedelta(seconds=1)
    assert not occur_next(office.world.harness.service)
    clock[0] = tuesday
    while occur_next(office.world.harness.service):
        pass
    assert office.instance(instance)["state"] == "running"
    assert [one["step"]["node"] for one in office.world.rows("task", "id") if one["state"] == "open"] == ["Boss"]


def test_a_changed_calendar_moves_what_waits(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recounting, "_SLICE", 1)
    slow(office)
    follow(office)
    before = times(office)
    office.world.harness.update("calendars", CALENDAR | {"week": SATURDAYS_TOO})
    follow(office)
    assert times(office) == (before[0] - timedelta(days=1), before[1] - timedelta(days=2))
    (task,) = office.world.rows("task")
    assert (task["due_sort"], task["version"]) == (task["due_at"], 2)
    follow(office)  # a minute later, and it is as it should be
    assert office.world.rows("task")[0]["version"] == 2
    follow(office)
    assert office.world.count(job) == 3


def test_timers_keep_the_calendar_of_the_records_department(office: Office) -> None:
    own = CALENDAR | {"id": new_id(), "is_default": False, "week": SATURDAYS_TOO}
    office.world.harness.update("calendars", own)
    office.world.harness.update("departments", {
        "id": office.world.east, "name": "East", "parent_id": None, "calendar_id": own["id"]})
    office.lead |= {"department_id": office.world.east}
    office.answer = (200, office.lead)
    slow(office)
    assert times(office)[0] == FRIDAY + timedelta(days=3)


def test_a_calendar_without_working_time_refuses_the_start_with_a_sentence(office: Office) -> None:
    office.world.harness.update("calendars", CALENDAR | {"week": [[]] * 7})
    process = office.publish(start(), user("Slow", more='<fh:due in="1wd"/>'), flows="Start>Slow")
    answer = office.world.call("POST", f"/v1/processes/{process['id']}/instances", {"record_id": office.lead["id"]})
    assert (answer.status_code, answer.json["code"]) == (409, "process_cannot_go_on")
    assert "working time" in answer.json["detail"]
