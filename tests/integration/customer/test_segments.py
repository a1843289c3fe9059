"""Segments: who enters and leaves by a write, by the clock and by a new definition; who may know; on both databases."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from chassis.clock import to_wire, utcnow
from chassis.jobs import JobRunner
from chassis.jsonio import loads
from chassis.testkit.contracts import violations
from services.customer.events import SEGMENT_ENTERED, SEGMENT_LEFT
from services.customer.store.segments import segment_member, segment_passage
from services.customer.usecases.calculations import values
from services.customer.usecases.segments import settle
from services.customer.usecases.segments.settle import settle_all, turn_clock

from .conftest import grant

EAST = {"field": "region", "op": "eq", "value": "east"}
HIGH = {"all": [EAST, {"field": "score", "op": "gte", "value": 50}]}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is only this process, which has noticed everything."""
    monkeypatch.setattr(settle, "NOTICED", timedelta(0))


def work(company: Any) -> None:
    runner = JobRunner(company.harness.service)
    while runner.run_one():
        pass


def define(company: Any, criteria: Any, name: str = "East", **more: Any) -> str:
    answer = company.call(company.admin, "POST", "/segments", {
        "object": "lead", "name": {"en": name, "zh-CN": name}, "criteria": criteria, **more})
    assert answer.status_code == 201, answer.json
    work(company)
    return answer.json["id"]


def members(company: Any, id: str) -> set[str]:
    with company.harness.service.db.read() as connection:
        return set(connection.execute(select(segment_member.c.record_id).where(
            segment_member.c.segment_id == id)).scalars())


def patch(company: Any, id: str, /, **values: Any) -> None:
    answer = company.call(company.admin, "PATCH", f"/records/lead/{id}", values)
    assert answer.status_code == 200, answer.json


def told(company: Any) -> list[tuple[str, str, bool]]:
    """(what, record, whether rules shall act) of every passage that was published."""
    messages = [one for one in company.harness.published() if one.type in (SEGMENT_ENTERED, SEGMENT_LEFT)]
    assert [violations(loads(one.to_json())) for one in messages] == [[]] * len(messages)
    return [(change["action"], change["id"], one.data.get("rules", True))
            for one in messages for change in one.data["changes"]]


def test_a_new_segment_finds_who_is_in_it_and_tells_no_rule(company: Any) -> None:
    inside, _ = company.lead(company.wang, region="east"), company.lead(company.wang, region="north")
    id = define(company, EAST)
    assert members(company, id) == {inside["id"]}
    assert told(company) == [("entered", inside["id"], False)]
    shown = company.call(company.admin, "GET", f"/segments/{id}").json
    assert (shown["state"], shown["count"], shown["count_is"], shown["by_clock"]) == ("ready", 1, "exact", False)


def test_a_write_lets_records_in_and_out(company: Any) -> None:
    id = define(company, HIGH)
    lead = company.lead(company.wang, region="east", score=80)
    assert members(company, id) == {lead["id"]}
    patch(company, lead["id"], note="x")
    patch(company, lead["id"], score=10)
    assert members(company, id) == set()
    patch(company, lead["id"], score=60)
    company.call(company.admin, "DELETE", f"/records/lead/{lead['id']}")
    assert members(company, id) == set()
    company.call(company.admin, "POST", f"/bin/lead/{lead['id']}/restore")
    assert members(company, id) == {lead["id"]}
    assert [(what, rules) for what, _, rules in told(company)] == [
        ("entered", True), ("left", True), ("entered", True), ("left", True), ("entered", True)]
    with company.harness.service.db.read() as connection:
        kept = connection.execute(select(segment_passage.c.entered).order_by(segment_passage.c.at)).scalars().all()
    assert kept == [True, False, True, False, True]


@pytest.mark.parametrize("seed", range(3))
def test_members_are_always_those_that_a_list_would_find(company: Any, seed: int) -> None:
    chance = random.Random(seed)
    conditions = [EAST, HIGH, {"not": EAST}, {"field": "tags", "op": "has_any", "value": ["a", "b"]},
                  {"field": "name", "op": "contains", "value": "N1"}, {"field": "score", "op": "is_empty"},
                  {"field": "created_at", "op": "within_last", "value": "3d"}]
    ids = [define(company, condition, f"S{place}") for place, condition in enumerate(conditions)]
    leads = [company.lead(company.wang, name=f"N{number}")["id"] for number in range(6)]
    for step in range(12):
        operations = [{"action": "update", "id": one, "values": chance.choice([
            {"region": chance.choice(["east", "north", None])}, {"score": chance.choice([None, 10, 60])},
            {"tags": chance.choice([None, ["a"], ["c"]])}, {"name": f"N{step}"}])}
            for one in chance.sample(leads, 3)]
        company.call(company.admin, "POST", "/records/lead/batch", {"operations": operations})
    for id, condition in zip(ids, conditions, strict=True):
        found = company.call(company.admin, "POST", "/records/lead/query", {"criteria": condition, "limit": 200}).json
        assert members(company, id) == {item["id"] for item in found["items"]}, condition
        by_segment = {"field": "segments", "op": "has", "value": id}
        listed = company.call(company.admin, "POST", "/records/lead/query", {"criteria": by_segment, "limit": 200}).json
        assert [item["id"] for item in listed["items"]] == [item["id"] for item in found["items"]]
    before = told(company)
    settle_all(company.harness.service)
    work(company)
    assert told(company) == before, "there was nothing to put right"


def test_time_alone_lets_records_in_and_out(company: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    id = define(company, {"field": "called_at", "op": "older_than", "value": "3d"})
    lead = company.lead(company.wang, called_at=to_wire(utcnow() - timedelta(days=2)))
    turn_clock(company.harness.service)
    assert members(company, id) == set()
    tomorrow = utcnow() + timedelta(days=1)
    monkeypatch.setattr(values, "utcnow", lambda: tomorrow)
    turn_clock(company.harness.service)
    assert members(company, id) == {lead["id"]}
    turn_clock(company.harness.service)
    assert told(company) == [("entered", lead["id"], True)]
    patch(company, lead["id"], called_at=to_wire(utcnow()))
    assert members(company, id) == set()


def test_what_the_daily_look_finds_before_the_clock_does_is_news_to_rules(
        company: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    id = define(company, {"field": "called_at", "op": "older_than", "value": "3d"})
    lead = company.lead(company.wang, called_at=to_wire(utcnow() - timedelta(days=2)))
    tomorrow = utcnow() + timedelta(days=1)
    monkeypatch.setattr(values, "utcnow", lambda: tomorrow)
    settle_all(company.harness.service)
    work(company)
    assert (members(company, id), told(company)) == ({lead["id"]}, [("entered", lead["id"], True)])


def test_what_the_clock_meets_before_a_new_definition_was_looked_at_is_left_to_that(company: Any) -> None:
    company.lead(company.wang, called_at=to_wire(utcnow() - timedelta(days=9)))
    silent = {"field": "called_at", "op": "older_than", "value": "3d"}
    made = company.call(company.admin, "POST", "/segments", {
        "object": "lead", "name": {"en": "Silent"}, "criteria": silent})
    turn_clock(company.harness.service)
    assert (made.status_code, told(company)) == (201, [])


def test_what_a_new_definition_finds_is_no_news_though_the_daily_look_was_at_it(
        company: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    id = define(company, EAST)
    north = company.lead(company.wang, region="north")
    piece = settle._piece

    def changed_meanwhile(*args: Any) -> bool:
        monkeypatch.setattr(settle, "_piece", piece)
        assert company.call(company.admin, "PATCH", f"/segments/{id}", {
            "criteria": {"field": "region", "op": "eq", "value": "north"}}).status_code == 200
        return piece(*args)

    settle_all(company.harness.service)
    monkeypatch.setattr(settle, "_piece", changed_meanwhile)
    JobRunner(company.harness.service).run_one()
    assert company.call(company.admin, "GET", f"/segments/{id}").json["state"] == "building"
    work(company)
    assert (members(company, id), told(company)) == ({north["id"]}, [("entered", north["id"], False)])


def test_a_changed_condition_puts_members_right(company: Any) -> None:
    east, north = company.lead(company.wang, region="east"), company.lead(company.wang, region="north")
    id = define(company, EAST)
    changed = company.call(company.admin, "PATCH", f"/segments/{id}", {
        "criteria": {"field": "region", "op": "eq", "value": "north"}})
    assert (changed.status_code, changed.json["state"], changed.json["version"]) == (200, "building", 2)
    work(company)
    assert members(company, id) == {north["id"]}
    assert [(what, rules) for what, _, rules in told(company)] == [("entered", False), ("entered", False),
                                                                   ("left", False)]
    stale = company.call(company.admin, "PATCH", f"/segments/{id}", {"name": {"en": "X"}}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert company.call(company.admin, "DELETE", f"/segments/{id}").status_code == 204
    assert members(company, id) == set()
    patch(company, east["id"], region="north")


@pytest.mark.parametrize(("criteria", "pointer", "code"), [
    ({"all": []}, "/criteria", "no_condition"),
    ({"field": "owner_id", "op": "eq", "value": "$me"}, "/criteria", "speaks_of_reader"),
    ({"field": "nonsense", "op": "eq", "value": 1}, "/criteria/field", "criteria.unknown_field"),
    ({"field": "segments", "op": "has", "value": "01890a5d-ac96-774b-bcce-b302099a8057"}, "/criteria/field",
     "criteria.unknown_field"),
    (None, "/criteria", "criteria.expected_object"),
])
def test_a_condition_that_cannot_be_is_refused_with_its_place(company: Any, criteria: Any, pointer: str,
                                                              code: str) -> None:
    answer = company.call(company.admin, "POST", "/segments", {"object": "lead", "name": {"en": "X"},
                                                               "criteria": criteria})
    assert answer.status_code == 422, answer.json
    assert (answer.json["errors"][0]["pointer"], answer.json["errors"][0]["code"]) == (pointer, code)


def test_who_must_not_read_a_field_does_not_know_of_its_segments(company: Any) -> None:
    lead = company.lead(company.wang, region="east", score=80)
    id = define(company, HIGH)
    blind = company.seller(company.east_team, grant("all", score="none"))
    by_segment = {"criteria": {"field": "segments", "op": "has", "value": id}}
    assert company.call(blind, "GET", "/segments?object=lead").json["items"] == []
    assert company.call(blind, "GET", f"/segments/{id}").status_code == 404
    assert company.call(blind, "GET", f"/records/lead/{lead['id']}/segments").json["items"] == []
    refused = company.call(blind, "POST", "/records/lead/query", by_segment)
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (422, "unknown_segment")
    [mine] = company.call(company.wang, "GET", f"/records/lead/{lead['id']}/segments").json["items"]
    assert mine["id"] == id
    assert company.call(company.li, "GET", f"/segments/{id}").json["count"] == 0
    assert company.call(company.li, "POST", "/records/lead/query", by_segment).json["items"] == []
    assert company.call(company.li, "GET", f"/segments/{id}/passages").json["items"] == []
    [seen] = company.call(company.wang, "GET", f"/segments/{id}/passages").json["items"]
    assert (seen["record_id"], seen["entered"]) == (lead["id"], True)


def test_a_segment_rests_when_its_field_is_gone(company: Any) -> None:
    id = define(company, {"field": "score", "op": "gte", "value": 50})
    assert company.call(company.admin, "DELETE", "/objects/lead/fields/score").status_code in (200, 202, 204)
    company.lead(company.wang)
    assert company.call(company.admin, "GET", f"/segments/{id}").json["state"] == "resting"
