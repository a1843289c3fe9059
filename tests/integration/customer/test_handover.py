"""Everything that somebody owns goes to others: exactly once, also after a kill, told once, and back again."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from services.customer.events import NOTIFICATION_REQUESTED
from services.customer.usecases.handover import telling, work

from .test_bulk_jobs import Killed, _forget_the_lease, do_work
from .test_pools import lead, make, outcome

BASE = "/v1/task-transfers"


class Tasks:
    """The workflow service beside this one: who holds how many open tasks, what was asked of it."""

    def __init__(self, company: Any) -> None:
        self._neighbours = company.harness.neighbours
        self.asked: list[Any] = []
        self.moved: dict[str, int] = {}
        self.pieces = 1

    def expect(self, id: str, moved: dict[str, int], pieces: int = 1) -> None:
        """Answer the calls of one hand-over."""
        self.moved, self.pieces = moved, pieces
        self._neighbours["workflow", "POST", f"{BASE}/{id}"] = self._move
        self._neighbours["workflow", "POST", f"{BASE}/{id}/undo"] = self._move
        self._neighbours["workflow", "GET", f"{BASE}/{id}"] = lambda _: (
            200, {"receivers": self.moved, "given_back": sum(self.moved.values()), "kept": 2})

    def _move(self, body: Any) -> Any:
        self.asked.append(body)
        self.pieces -= 1
        return 200, {"more": self.pieces > 0}


@pytest.fixture
def tasks(company: Any) -> Tasks:
    company.harness.neighbours["workflow", "GET", f"{BASE}/preview/{company.wang}"] = lambda _: (200, {"open": 7})
    return Tasks(company)


def told(company: Any) -> list[Any]:
    return [wish for message in company.harness.published(NOTIFICATION_REQUESTED)
            for wish in message.data["notifications"]]


def begin(company: Any, *plan: Any, **more: Any) -> Any:
    return company.call(company.admin, "POST", "/handovers", {
        "person_id": company.wang, "plan": list(plan), "tasks_with_records": False} | more)


def owned(company: Any, number: int, **values: Any) -> list[str]:
    return [company.lead(company.wang, name=f"lead {place}", **values)["id"] for place in range(number)]


def owners(company: Any, ids: list[str]) -> Counter[str | None]:
    return Counter(lead(company, id)["owner_id"] for id in ids)


def shown(company: Any, id: str) -> Any:
    return company.call(company.admin, "GET", f"/handovers/{id}").json


def test_people_take_turns_and_each_hears_of_it_once(company: Any, tasks: Tasks) -> None:
    ids = owned(company, 5)
    has = company.call(company.admin, "GET", f"/handovers/preview/{company.wang}").json
    assert (has["objects"], has["tasks"]) == ([{"object": "lead", "count": 5}], 7)
    answer = begin(company, {"object": "lead", "people": [company.li, company.boss]})
    assert answer.status_code == 202, answer.json
    assert outcome(begin(company, {"object": "lead", "people": [company.li]})) == (409, "handover_under_way")
    do_work(company)
    run = shown(company, answer.json["id"])
    assert (run["state"], run["progress"]) == ("finished", {"done": 5, "total": 5})
    assert owners(company, ids) == {company.li: 3, company.boss: 2}
    assert run["counts"]["receivers"] == {company.li: 3, company.boss: 2}
    assert {(one["user_id"], one["params"]["number"]) for one in told(company)} == {(company.li, 3), (company.boss, 2)}
    assert len(told(company)) == 2


def test_a_killed_hand_over_goes_on_and_gives_nothing_twice(company: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(work, "_CHUNK", 2)
    ids, counted, calls = owned(company, 5), work._counted, []

    def deadly(*given: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise Killed
        return counted(*given)

    monkeypatch.setattr(work, "_counted", deadly)
    id = begin(company, {"object": "lead", "people": [company.li]}).json["id"]
    with pytest.raises(Killed):
        do_work(company)
    assert owners(company, ids) == {company.li: 2, company.wang: 3}
    _forget_the_lease(company)
    do_work(company)
    assert owners(company, ids) == {company.li: 5}
    assert {lead(company, one)["version"] for one in ids} == {2}
    assert shown(company, id)["progress"]["done"] == 5


def test_a_hand_over_killed_after_telling_tells_nobody_again(company: Any, monkeypatch: Any) -> None:
    owned(company, 3)
    ended = work.finished
    id = begin(company, {"object": "lead", "people": [company.li, company.boss]}).json["id"]
    monkeypatch.setattr(telling, "_TOLD_AT_ONCE", 1)

    def deadly(*_: Any, **__: Any) -> None:
        raise Killed

    monkeypatch.setattr(work, "finished", deadly)
    with pytest.raises(Killed):
        do_work(company)
    assert shown(company, id)["state"] == "running"
    monkeypatch.setattr(work, "finished", ended)
    _forget_the_lease(company)
    do_work(company)
    assert shown(company, id)["state"] == "finished"
    assert sorted(one["user_id"] for one in told(company)) == sorted([company.li, company.boss])


def test_tasks_go_with_their_records_the_rest_to_one_person_and_come_back(company: Any, tasks: Tasks) -> None:
    first, second = owned(company, 2)
    id = begin(company, {"object": "lead", "people": [company.li, company.boss]}, tasks_with_records=True,
               tasks_to=company.boss).json["id"]
    tasks.expect(id, {company.li: 1, company.boss: 4}, pieces=2)
    do_work(company)
    with_records = {"from_id": company.wang, "records": {first: company.li, second: company.boss}}
    assert tasks.asked == [with_records, with_records, {"from_id": company.wang, "to_id": company.boss}]
    counts = shown(company, id)["counts"]
    assert (counts["tasks"], counts["tasks_left"]) == ({company.li: 1, company.boss: 4}, 7)
    numbers = {(one["template"], one["user_id"], one["params"]["number"]) for one in told(company)}
    assert numbers == {("records_received", company.li, 1), ("records_received", company.boss, 1),
                       ("tasks_received", company.li, 1), ("tasks_received", company.boss, 4)}
    assert company.call(company.admin, "POST", f"/handovers/{id}/undo").status_code == 202
    do_work(company)
    run = shown(company, id)
    assert (run["state"], run["undo"]) == ("undone", {"restored": 2, "kept": 0, "tasks": 5, "tasks_kept": 2})
    assert tasks.asked[-1] == {}


def test_tasks_alone_can_be_handed_over_and_come_back(company: Any, tasks: Tasks) -> None:
    id = begin(company, tasks_to=company.li).json["id"]
    tasks.expect(id, {company.li: 7})
    do_work(company)
    assert shown(company, id)["can_undo"] is True
    assert [(one["template"], one["params"]["number"]) for one in told(company)] == [("tasks_received", 7)]


def test_a_hand_over_waits_for_a_workflow_service_that_does_not_answer(company: Any, tasks: Tasks) -> None:
    ids = owned(company, 1)
    id = begin(company, {"object": "lead", "people": [company.li]}, tasks_to=company.li).json["id"]
    do_work(company)
    assert (shown(company, id)["state"], owners(company, ids)) == ("running", {company.li: 1})
    tasks.expect(id, {company.li: 7})
    _forget_the_lease(company)
    do_work(company)
    assert shown(company, id)["state"] == "finished"
    assert [one["template"] for one in told(company)] == ["records_received", "tasks_received"]


def test_an_undoing_killed_in_the_middle_goes_on(company: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(work, "_CHUNK", 2)
    ids, give, calls = owned(company, 5), work.give_back, []
    id = begin(company, {"object": "lead", "people": [company.li]}).json["id"]
    do_work(company)

    def deadly(*given: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise Killed
        give(*given)

    monkeypatch.setattr(work, "give_back", deadly)
    company.call(company.admin, "POST", f"/handovers/{id}/undo")
    with pytest.raises(Killed):
        do_work(company)
    assert owners(company, ids) == {company.li: 4, company.wang: 1}
    _forget_the_lease(company)
    do_work(company)
    assert owners(company, ids) == {company.wang: 5}
    assert shown(company, id)["undo"] == {"restored": 5, "kept": 0, "tasks": 0, "tasks_kept": 0}


def test_nothing_goes_back_to_somebody_whose_account_is_closed(company: Any) -> None:
    owned(company, 1)
    id = begin(company, {"object": "lead", "people": [company.li]}).json["id"]
    do_work(company)
    users = company.harness.service.directory.snapshot().users
    company.harness.update("users", dict(users[company.wang]) | {"active": False})
    answer = company.call(company.admin, "POST", f"/handovers/{id}/undo")
    assert outcome(answer) == (409, "handover_person_gone")


def test_conditions_and_pools_and_undoing_what_nobody_has_changed(company: Any) -> None:
    pool = make(company, f"user:{company.li}")
    east, north = owned(company, 2, region="east"), owned(company, 2, region="north")
    is_east = {"field": "region", "op": "eq", "value": "east"}
    id = begin(company, {"object": "lead", "people": [company.li], "criteria": is_east},
               {"object": "lead", "pool_id": pool}).json["id"]
    do_work(company)
    assert owners(company, east) == {company.li: 2}
    assert [(lead(company, one)["owner_id"], lead(company, one)["pool_id"]) for one in north] == [(None, pool)] * 2
    assert company.call(company.li, "PATCH", f"/records/lead/{east[0]}", {"score": 3}).status_code == 200
    assert company.call(company.admin, "POST", f"/handovers/{id}/undo").status_code == 202
    do_work(company)
    run = shown(company, id)
    assert (run["state"], run["can_undo"]) == ("undone", False)
    assert run["undo"] == {"restored": 3, "kept": 1, "tasks": 0, "tasks_kept": 0}
    assert owners(company, [east[1], *north]) == {company.wang: 3}
    assert [lead(company, one)["pool_id"] for one in north] == [None, None]
    kept = company.call(company.admin, "GET", f"/handovers/{id}/kept").json["items"]
    assert [(one["id"], one["code"]) for one in kept] == [(east[0], "undo_changed")]


@pytest.mark.parametrize(("plan", "pointer"), [
    ([{"object": "nothing", "people": []}], "/plan/0/object"), ([{"object": "lead"}], "/plan/0/people"),
    ([{"object": "lead", "people": ["x"]}], "/plan/0/people/0"), ("x", "/plan"), ([], "/plan"),
    ([{"object": "lead", "pool_id": "x"}], "/plan/0/pool_id")])
def test_a_plan_that_makes_no_sense_is_refused_with_a_place(company: Any, plan: Any, pointer: str) -> None:
    answer = company.call(company.admin, "POST", "/handovers", {"person_id": company.wang, "plan": plan})
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json["errors"]] == [pointer]
