"""Everything that somebody owns goes to others: exactly once, also after a kill, told once, and back again."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from services.customer.events import NOTIFICATION_REQUESTED
from services.customer.usecases.handover import start, work

from .test_bulk_jobs import Killed, _forget_the_lease, do_work
from .test_pools import lead, make, outcome


@pytest.fixture
def without_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no workflow service beside this one."""
    monkeypatch.setattr(start, "_open_tasks", lambda *_: 0)


def begin(company: Any, *plan: Any, person: str | None = None) -> Any:
    return company.call(company.admin, "POST", "/handovers", {
        "person_id": person or company.wang, "plan": list(plan)})


def owned(company: Any, number: int, **values: Any) -> list[str]:
    return [company.lead(company.wang, name=f"lead {place}", **values)["id"] for place in range(number)]


def owners(company: Any, ids: list[str]) -> Counter[str | None]:
    return Counter(lead(company, id)["owner_id"] for id in ids)


def shown(company: Any, id: str) -> Any:
    return company.call(company.admin, "GET", f"/handovers/{id}").json


def test_people_take_turns_and_each_hears_of_it_once(company: Any, without_tasks: None) -> None:
    ids = owned(company, 5)
    has = company.call(company.admin, "GET", f"/handovers/preview/{company.wang}").json
    assert has["objects"] == [{"object": "lead", "count": 5}]
    answer = begin(company, {"object": "lead", "people": [company.li, company.boss]})
    assert answer.status_code == 202, answer.json
    assert outcome(begin(company, {"object": "lead", "people": [company.li]})) == (409, "handover_under_way")
    do_work(company)
    run = shown(company, answer.json["id"])
    assert (run["state"], run["progress"]) == ("finished", {"done": 5, "total": 5})
    assert owners(company, ids) == {company.li: 3, company.boss: 2}
    assert run["counts"]["receivers"] == {company.li: 3, company.boss: 2}
    told = [wish for message in company.harness.published(NOTIFICATION_REQUESTED)
            for wish in message.data["notifications"]]
    assert {(one["user_id"], one["params"]["number"]) for one in told} == {(company.li, 3), (company.boss, 2)}
    assert len(told) == 2


def test_a_killed_hand_over_goes_on_and_gives_nothing_twice(company: Any, without_tasks: None,
                                                             monkeypatch: Any) -> None:
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


def test_conditions_and_pools_and_undoing_what_nobody_has_changed(company: Any, without_tasks: None) -> None:
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
    assert (run["state"], run["undo"], run["can_undo"]) == ("undone", {"restored": 3, "kept": 1}, False)
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
