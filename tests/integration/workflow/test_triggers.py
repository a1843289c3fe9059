"""When rules fire: created, changed, becomes, and what keeps them quiet."""

from __future__ import annotations

from typing import Any

from chassis.ids import new_id
from tests.integration.workflow.conftest import World, a_change


def outcomes(world: World) -> list[str]:
    return [run["outcome"] for run in world.rows("rule_run", "id")]


def test_a_rule_on_creation_fires_for_new_records_that_meet_its_condition(world: World) -> None:
    world.rule()
    world.created(region="east")
    world.created(region="north")
    world.deliver(world.message(a_change("updated", {"region": "north"}, version=2)))
    assert outcomes(world) == ["pending"]


def test_a_rule_on_change_fires_only_when_one_of_its_fields_changed(world: World) -> None:
    world.rule(trigger={"on": "changed", "fields": ["region"]})
    world.created()
    world.deliver(world.message(a_change("updated", {"name": "Bob"}, version=2)))
    assert outcomes(world) == []
    world.deliver(world.message(a_change("updated", {"region": "north"}, version=3)))
    assert outcomes(world) == ["pending"]


def test_a_rule_on_any_change_fires_for_each_change_but_not_for_creation(world: World) -> None:
    world.rule(trigger={"on": "changed"})
    world.created()
    world.deliver(world.message(a_change("updated", {"name": "Bob"}, version=2)))
    assert outcomes(world) == ["pending"]


def test_becomes_fires_when_the_condition_did_not_hold_before(world: World) -> None:
    world.rule(trigger={"on": "becomes"})
    world.deliver(world.message(a_change("updated", {"region": "north"}, version=2)))
    assert outcomes(world) == ["pending"]


def test_becomes_stays_quiet_while_the_condition_goes_on_to_hold(world: World) -> None:
    world.rule(trigger={"on": "becomes"},
               criteria={"any": [{"field": "region", "op": "eq", "value": "east"},
                                 {"field": "status", "op": "eq", "value": "new"}]})
    world.deliver(world.message(a_change("updated", {"region": "north"}, version=2)))
    world.deliver(world.message(a_change("updated", {"name": "Bob"}, version=3)))
    assert outcomes(world) == []


def test_becomes_fires_for_a_new_record_that_meets_the_condition(world: World) -> None:
    world.rule(trigger={"on": "becomes"})
    world.created()
    assert outcomes(world) == ["pending"]


def test_a_condition_may_ask_what_a_field_changed_from(world: World) -> None:
    world.rule(trigger={"on": "changed"}, criteria={"field": "status", "op": "changed_from", "value": "new"})
    world.deliver(world.message(a_change("updated", {"status": "working"}, status="new", version=2)))
    assert outcomes(world) == []
    world.deliver(world.message(a_change("updated", {"status": "new"}, status="working", version=3, region="north")))
    assert outcomes(world) == ["done"]


def test_me_in_a_condition_is_the_person_who_made_the_change(world: World) -> None:
    world.rule(criteria={"field": "owner_id", "op": "eq", "value": "$me"})
    world.deliver(world.message(a_change(owner_id=world.sellers[0], by=world.sellers[1])))
    assert outcomes(world) == []
    world.deliver(world.message(a_change(owner_id=world.sellers[0], by=world.sellers[0])))
    assert outcomes(world) == ["pending"]


def test_an_import_may_ask_that_no_rule_acts(world: World) -> None:
    world.rule()
    world.deliver(world.message(a_change(), rules=False))
    assert outcomes(world) == []


def test_an_inactive_rule_rests_and_a_changed_rule_acts_at_once(world: World) -> None:
    rule = world.rule(active=False)
    world.created()
    assert outcomes(world) == []
    assert world.call("PATCH", f"/v1/rules/{rule['id']}", {"active": True}).status_code == 200
    world.created()
    assert outcomes(world) == ["pending"]


def test_the_reason_of_a_run_names_what_held_in_both_languages(world: World) -> None:
    world.rule(criteria={"all": [{"field": "region", "op": "eq", "value": "east"},
                                 {"any": [{"field": "status", "op": "eq", "value": "working"},
                                          {"field": "expected_amount", "op": "gte", "value": "100000"}]}]})
    world.created(expected_amount={"amount": "120000.00", "currency": "CNY"})
    world.carry_out()
    run: dict[str, Any] = world.call("GET", "/v1/runs").json["items"][0]
    assert run["reason"] == "Created: Region is East and Expected amount ≥ 100000.00 CNY"
    assert [clause["held"] for clause in run["clauses"]] == [True, False, True]
    chinese = world.call("GET", "/v1/runs", headers={"Accept-Language": "zh-CN"}).json["items"][0]
    assert chinese["reason"] == "新建：区域为华东 且 预计金额 ≥ 100000.00 CNY"
    assert chinese["rule_name"] == "华东线索"
    assert chinese["actions"] == [{"type": "set_fields", "result": "done", "detail": "状态 → Working", "object": None,
                                   "record_id": None}]


def passage(world: World, action: str, segment: str, **more: Any) -> Any:
    data = {"object": "lead", "segment": {"id": segment, "name": {"en": "East"}}, "bulk": None,
            "origin": {"kind": "system", "id": None, "name": None}, "changes": [a_change(action)]} | more
    return world.harness.message(f"freehold.customer.segment.{action}.v1", data, source="/freehold/customer")


def test_a_rule_on_a_segment_fires_when_a_record_enters_or_leaves_that_one(world: World) -> None:
    mine, other = new_id(), new_id()
    world.rule(trigger={"on": "entered", "segment": mine})
    world.deliver(passage(world, "entered", other), passage(world, "left", mine))
    world.created()
    assert outcomes(world) == []
    world.deliver(passage(world, "entered", mine, rules=False))
    assert outcomes(world) == []
    world.deliver(passage(world, "entered", mine))
    assert outcomes(world) == ["pending"]


def test_a_rule_on_leaving_fires_on_leaving_alone(world: World) -> None:
    segment = new_id()
    world.rule(trigger={"on": "left", "segment": segment}, criteria={"all": []})
    world.deliver(passage(world, "entered", segment))
    assert outcomes(world) == []
    world.deliver(passage(world, "left", segment))
    assert outcomes(world) == ["pending"]
