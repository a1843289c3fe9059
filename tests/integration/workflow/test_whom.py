"""Whom rules mean: those with a role, those above the owner, whoever has least to do."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from services.workflow.events import NOTIFICATION_REQUESTED
from tests.integration.workflow.conftest import World, a_change

TITLE = {"en": "Talk to the owner"}


class House:
    """East lies below Sales; a head in each of them, and a head who has left."""

    def __init__(self, world: World) -> None:
        self.world, harness = world, world.harness
        self.role = harness.role()
        self.key = harness.service.directory.snapshot().roles[self.role]["key"]
        self.sales = harness.department("Sales")
        harness.update("departments", {"id": world.east, "name": "East", "parent_id": self.sales})
        self.head = harness.user("Head of East", world.east, roles=(self.role,))
        self.boss = harness.user("Head of sales", self.sales, roles=(self.role,))
        harness.user("Former head", world.east, roles=(self.role,), active=False)

    def owners(self) -> list[str]:
        """Who was given the records, in the order of the calls."""
        self.world.carry_out()
        return [operation["values"]["owner_id"] for asked in self.world.batches
                for operation in asked.json["operations"]]


@pytest.fixture
def house(world: World) -> House:
    return House(world)


@pytest.mark.parametrize(("owner", "up", "meant"), [
    ("seller", 0, ["head"]), ("seller", 1, ["boss"]), ("head", 0, ["boss"]), ("boss", 0, []), ("seller", 2, []),
    ("nobody", 0, []), ("seller", None, ["boss", "head"])])
def test_a_task_and_a_message_reach_who_stands_above_the_owner(
        house: House, owner: str, up: int | None, meant: list[str]) -> None:
    whom = {"role": house.key} | ({} if up is None else {"up": up})
    house.world.rule(actions=[{"type": "create_task", "title": TITLE, "assignee": whom},
                              {"type": "notify", "to": whom, "message": TITLE}])
    people = {"seller": house.world.sellers[0], "head": house.head, "boss": house.boss, "nobody": None}
    house.world.created(owner_id=people[owner])
    ids = {people[one] for one in meant}
    told = {one["user_id"] for message in house.world.harness.published(NOTIFICATION_REQUESTED)
            for one in message.data["notifications"] if one["template"] == "message"}
    assert told == ids
    tasks = house.world.rows("task")
    assert len(tasks) == min(len(ids), 1)
    assert {task["assignee_id"] for task in tasks} <= ids
    if not ids:
        assert house.world.rows("rule_run")[0]["error"]["en"] == "There is nobody to tell"


def test_records_go_in_turn_to_those_with_a_role_and_a_colleague_gets_what_the_owner_leaves(house: House) -> None:
    for name in ("Ann", "Bob"):
        house.world.harness.user(name, house.world.east, roles=(house.role,))
    house.world.rule(actions=[{"type": "assign", "to": {"role": house.key, "up": 0}}])
    house.world.deliver(house.world.message(*[a_change(owner_id=house.head) for _ in range(4)]))
    owners = house.owners()
    assert sorted(Counter(owners).values()) == [2, 2]
    assert house.head not in owners


def test_people_take_turns_also_while_another_department_takes_its_own(house: House) -> None:
    harness, west = house.world.harness, house.world.harness.department("West")
    seller = harness.user("Seller of West", west)
    ann = harness.user("Ann", house.world.east, roles=(house.role,))
    harness.user("Zoe", west, roles=(house.role,))  # the last in the order of ids
    house.world.rule(actions=[{"type": "assign", "to": {"role": house.key, "up": 0}}])
    owners = [house.world.sellers[0], seller] * 2
    house.world.deliver(house.world.message(*[a_change(owner_id=owner) for owner in owners]))
    given = Counter(house.owners())
    assert (given[house.head], given[ann]) == (1, 1)


def test_a_record_goes_to_who_has_least_to_do_also_within_one_batch(house: House) -> None:
    busy, wang, li = house.world.sellers
    for _ in range(3):
        house.world.call("POST", "/v1/tasks", {"title": "Something", "assignee_id": busy})
    house.world.call("POST", "/v1/tasks", {"title": "Something", "assignee_id": wang})
    house.world.harness.update("users", {"id": house.head, "name": "Head", "active": False, "role_ids": [],
                                         "department_id": house.world.east})
    house.world.rule(actions=[{"type": "assign", "to": {"department_id": house.world.east, "method": "least_busy"}}])
    house.world.deliver(house.world.message(*[a_change() for _ in range(3)]))
    assert Counter(house.owners()) == {li: 2, wang: 1}


def test_a_role_that_nobody_has_is_told_in_the_run(house: House) -> None:
    empty = house.world.harness.role()
    key = house.world.harness.service.directory.snapshot().roles[empty]["key"]
    house.world.rule(actions=[{"type": "assign", "to": {"role": key}}])
    house.world.created()
    assert house.world.rows("rule_run")[0]["error"]["en"] == "Nobody active there has the role “Role”"


@pytest.mark.parametrize(("action", "pointer", "code"), [
    ({"type": "assign", "to": {"role": "nobody"}}, "/actions/0/to/role", "role_unknown"),
    ({"type": "assign", "to": {"role": []}}, "/actions/0/to/role", "role_unknown"),
    ({"type": "assign", "to": {"department_id": "x", "method": "by_lot"}}, "/actions/0/to/method", "not_a_choice"),
    ({"type": "assign", "to": {"role": "x", "department_id": "y"}}, "/actions/0/to", "whom_missing"),
    ({"type": "notify", "to": {"role": "x", "up": 10}, "message": TITLE}, "/actions/0/to/up", "not_a_level"),
    ({"type": "notify", "to": {"role": "x", "up": True}, "message": TITLE}, "/actions/0/to/up", "not_a_level"),
    ({"type": "create_task", "title": TITLE, "assignee": {"user_id": "x", "up": 1}}, "/actions/0/assignee/up",
     "unknown_field"),
    ({"type": "notify", "to": {"department_id": "x", "method": "round_robin"}, "message": TITLE},
     "/actions/0/to/method", "unknown_field")])
def test_what_is_wrong_is_told_at_its_place(world: World, action: dict[str, Any], pointer: str, code: str) -> None:
    answer = world.call("POST", "/v1/rules", {
        "name": {"en": "x"}, "object": "lead", "trigger": {"on": "created"}, "actions": [action]})
    assert answer.status_code == 422
    assert (pointer, code) in {(error["pointer"], error["code"]) for error in answer.json["errors"]}
