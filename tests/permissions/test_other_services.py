"""Rules and tasks speak of records: who manages rules sees what all of them did, but only his own records by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .conftest import World
from .surfaces import LEADS, patiently
from .test_fields import for_one_person
from .test_visibility import expected

RULES, RUNS, TASKS = "/api/workflow/v1/rules", "/api/workflow/v1/runs", "/api/workflow/v1/tasks"


@pytest.fixture(scope="module")
def ran(world: World) -> Iterator[World]:
    """A rule over a field that not everybody reads has acted on every lead, and made a task for its owner."""
    admin, good = world.house.admin_id, world.house.good
    rule = good(admin, "POST", RULES, {
        "name": {"en": "Large"}, "object": "lead", "trigger": {"on": "changed", "fields": ["job_title"]},
        "criteria": {"field": "expected_amount", "op": "gt", "value": "7000"},
        "actions": [{"type": "create_task", "title": {"en": "Look"}, "assignee": "owner", "due_in": "24h"}]})
    for id in world.all_leads:
        good(admin, "PATCH", f"{LEADS}/{id}", {"job_title": "ran"})
    patiently(lambda: len(runs(world, admin)) == len(world.all_leads))
    try:
        yield world
    finally:
        world.house.call(admin, "DELETE", f"{RULES}/{rule['id']}")


def runs(world: World, user: str) -> list[Any]:
    return list(world.house.good(user, "GET", f"{RUNS}?object=lead&outcome=done&limit=200")["items"])


def names(world: World) -> dict[str, str]:
    return {id: f"{role} {distance}" for role, distances in world.leads.items() for distance, id in distances.items()}


def test_runs_name_only_the_records_that_the_caller_sees(ran: World) -> None:
    for role in ("manager", "administrator"):
        seen, shown = expected(ran, role), runs(ran, ran.callers[role])
        assert {run["record_id"] for run in shown} >= ran.all_leads
        for run in shown:
            known = run["record_id"] in seen
            assert run["record_title"] == (names(ran)[run["record_id"]] if known else "")
            assert bool(run["clauses"]) == bool(run["reason"]) == known


def test_runs_say_nothing_of_a_field_that_the_caller_may_not_read(ran: World) -> None:
    with for_one_person(ran, "manager", expected_amount="none"):
        patiently(lambda: not any(run["clauses"] for run in runs(ran, ran.callers["manager"])))
        assert not any(run["clauses"] or run["reason"] for run in runs(ran, ran.callers["manager"]))


def test_tasks_of_others_name_only_the_records_that_the_caller_sees(ran: World) -> None:
    seen = expected(ran, "manager")
    tasks = ran.house.good(ran.callers["manager"], "GET", f"{TASKS}?view=visible&object=lead&limit=200")["items"]
    assert {task["link"]["id"] for task in tasks} >= ran.all_leads
    for task in tasks:
        shown = ran.house.good(ran.callers["manager"], "GET", f"{TASKS}/{task['id']}")
        for one in (task, shown):
            assert one["link"]["title"] == (names(ran)[one["link"]["id"]] if one["link"]["id"] in seen else None)
    for other in sorted(ran.all_leads - expected(ran, "rep")):
        assert ran.house.good(ran.callers["rep"], "GET", f"{TASKS}?object=lead&record_id={other}")["items"] == []
