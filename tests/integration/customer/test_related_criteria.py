"""Conditions over related records: in lists, views, sharing rules and segments, with the eyes of who asks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from chassis.jobs import JobRunner
from services.customer.store.segments import segment_due, segment_member
from services.customer.usecases.segments import due, settle

from .conftest import EVERY_ACTION, grant

EAST_LEADS = {"related": "lead.customer_id", "op": "some",
              "where": {"field": "region", "op": "eq", "value": "east"}}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle, "NOTICED", timedelta(0))


def customer(company: Any, who: str, name: str, **values: Any) -> str:
    answer = company.call(who, "POST", "/records/customer", {"name": name, **values})
    assert answer.status_code == 201, answer.json
    return str(answer.json["id"])


def lead(company: Any, who: str, of: str | None, **values: Any) -> str:
    return str(company.lead(who, customer_id=of, **values)["id"])


def found(company: Any, who: str, object_name: str, criteria: Any) -> set[str]:
    answer = company.call(who, "POST", f"/records/{object_name}/query", {"criteria": criteria, "limit": 200})
    assert answer.status_code == 200, answer.json
    return {one["id"] for one in answer.json["items"]}


def refused(company: Any, who: str, criteria: Any, object_name: str = "lead") -> tuple[str, str]:
    answer = company.call(who, "POST", f"/records/{object_name}/query", {"criteria": criteria})
    assert answer.status_code == 422, answer.json
    [error] = answer.json["errors"]
    return error["pointer"], error["code"]


def work(company: Any) -> None:
    runner = JobRunner(company.harness.service)
    while runner.run_one():
        pass
    while due.settle_due(company.harness.service):
        pass


def test_a_list_asks_the_record_that_a_reference_leads_to(company: Any) -> None:
    huawei, other = (customer(company, company.admin, name) for name in ("华为技术", "Other"))
    inside, outside, alone = (lead(company, company.admin, of) for of in (huawei, other, None))
    assert found(company, company.admin, "lead", {
        "field": "customer_id.name", "op": "contains", "value": "华为"}) == {inside}
    assert found(company, company.admin, "lead", {
        "field": "customer_id.name", "op": "ne", "value": "华为技术"}) == {outside, alone}
    assert found(company, company.admin, "lead", {"field": "customer_id.name", "op": "is_empty"}) == {alone}
    assert found(company, company.admin, "lead", {"field": "customer_id.owner_id", "op": "eq", "value": "$me"}) == {
        inside, outside}


def test_a_list_counts_the_records_that_refer_to_one(company: Any) -> None:
    many, one, none = (customer(company, company.admin, name) for name in ("Many", "One", "None"))
    lead(company, company.admin, many, region="east")
    lead(company, company.admin, many, region="east")
    lead(company, company.admin, one, region="east")
    lead(company, company.admin, none, region="north")
    ask = {"customer": "customer"}["customer"]
    assert found(company, company.admin, ask, EAST_LEADS) == {many, one}
    assert found(company, company.admin, ask, {**EAST_LEADS, "op": "at_least", "value": 2}) == {many}
    assert found(company, company.admin, ask, {**EAST_LEADS, "op": "none"}) == {none}
    assert found(company, company.admin, ask, {"related": "contact.customer_id", "op": "none"}) == {many, one, none}


def test_a_list_looks_two_steps_far_and_no_further(company: Any) -> None:
    here, there = customer(company, company.admin, "Here"), customer(company, company.admin, "There")
    contact = company.call(company.admin, "POST", "/records/contact", {"name": "C", "customer_id": here}).json["id"]
    lead(company, company.admin, here, region="east")
    lead(company, company.admin, there, region="east")
    two = {"related": "contact.customer_id", "op": "some",
           "where": {"field": "customer_id.name", "op": "eq", "value": "Here"}}
    assert found(company, company.admin, "customer", two) == {here}
    by_customer = {"related": "contact.customer_id", "op": "some", "where": {
        "related": "lead.customer_id", "op": "some"}}
    assert refused(company, company.admin, by_customer, "customer") == (
        "/criteria/where/related", "criteria.unknown_related")
    far = {"related": "lead.customer_id", "op": "some", "where": {"all": [{
        "field": "customer_id.parent.name", "op": "eq", "value": "x"}]}}
    assert refused(company, company.admin, far, "customer")[1] == "criteria.unknown_field"
    assert contact


def test_related_records_that_the_caller_does_not_see_do_not_exist_for_him(company: Any) -> None:
    """A seller sees only his own leads: a question about leads of customers answers by those alone."""
    his, hers = customer(company, company.admin, "His"), customer(company, company.admin, "Hers")
    lead(company, company.wang, his, region="east")
    lead(company, company.li, hers, region="east")
    assert found(company, company.admin, "customer", EAST_LEADS) == {his, hers}
    assert found(company, company.wang, "customer", EAST_LEADS) == {his}
    assert found(company, company.wang, "customer", {**EAST_LEADS, "op": "none"}) == {hers}


def test_a_reference_to_a_customer_that_the_caller_does_not_see_tells_nothing(company: Any) -> None:
    caller = company.seller(company.east_team, grant("all"), customer=grant("own"))
    foreign = customer(company, company.admin, "Secret")
    open_lead = lead(company, company.admin, foreign)
    assert found(company, company.admin, "lead", {"field": "customer_id.name", "op": "eq", "value": "Secret"}) == {
        open_lead}
    assert found(company, caller, "lead", {"field": "customer_id.name", "op": "eq", "value": "Secret"}) == set()


@pytest.mark.parametrize("level", ["none", "masked"])
def test_a_field_that_is_hidden_or_masked_cannot_be_asked_through_a_relation(company: Any, level: str) -> None:
    caller = company.seller(company.east_team, grant("all"), customer=grant("all", phone=level))
    asked = {"field": "customer_id.phone", "op": "starts_with", "value": "+86"}
    assert refused(company, caller, asked) == ("/criteria/field", "criteria.unknown_field")
    group = {"related": "lead.customer_id", "op": "some", "where": {"field": "score", "op": "gte", "value": 1}}
    blind = company.seller(company.east_team, grant("all", score=level))
    assert refused(company, blind, group, "customer") == ("/criteria/where/field", "criteria.unknown_field")
    unlinked = company.seller(company.east_team, grant("all", customer_id=level))
    assert refused(company, unlinked, EAST_LEADS, "customer") == ("/criteria/related", "criteria.unknown_related")
    assert refused(company, unlinked, {"field": "customer_id.name", "op": "is_set"})[1] == "criteria.unknown_field"


def test_an_object_that_the_caller_may_not_read_cannot_be_asked(company: Any) -> None:
    nobody = company.seller(company.east_team, grant("all"), customer=grant("all", actions=[]))
    assert refused(company, nobody, {"field": "customer_id.name", "op": "is_set"}) == (
        "/criteria/field", "criteria.unknown_related")


def test_what_is_wrong_with_a_group_is_said_with_its_place(company: Any) -> None:
    for change, pointer, code in (
            ({"op": "often"}, "/criteria/op", "unknown_quantifier"),
            ({"op": "at_least"}, "/criteria", "missing_member"),
            ({"op": "at_least", "value": 0}, "/criteria/value", "expected_count"),
            ({"value": 2}, "/criteria/value", "unknown_member"),
            ({"related": "lead.nothing"}, "/criteria/related", "unknown_related"),
            ({"related": 5}, "/criteria/related", "expected_text"),
            ({"where": []}, "/criteria/where", "expected_object")):
        assert refused(company, company.admin, {**EAST_LEADS, **change}, "customer") == (pointer, f"criteria.{code}")
    many = {"any": [{"field": "customer_id.name", "op": "is_set"}] * 21}
    assert refused(company, company.admin, many) == ("/criteria", "criteria.too_many_related")


def test_a_sharing_rule_asks_related_records_with_the_eyes_of_the_system(company: Any) -> None:
    caller = company.seller(company.east_team, grant("own"), customer=grant("own"))
    shared, other = customer(company, company.admin, "Shared"), customer(company, company.admin, "Other")
    lead(company, company.admin, shared, region="east")
    made = company.call(company.admin, "POST", "/sharing/rules", {
        "object": "customer", "name": {"en": "East"}, "criteria": EAST_LEADS, "level": "write",
        "grantees": [f"user:{caller}"]})
    assert made.status_code == 201, made.json
    assert found(company, caller, "customer", {"all": []}) == {shared}
    assert company.call(caller, "GET", f"/records/customer/{shared}").status_code == 200
    assert company.call(caller, "PATCH", f"/records/customer/{shared}", {"phone": "+8613800138000"}).status_code == 200
    assert company.call(caller, "GET", f"/records/customer/{other}").status_code == 404


def segment(company: Any, criteria: Any, object_name: str = "customer") -> str:
    answer = company.call(company.admin, "POST", "/segments", {
        "object": object_name, "name": {"en": "S", "zh-CN": "S"}, "criteria": criteria})
    assert answer.status_code == 201, answer.json
    work(company)
    return str(answer.json["id"])


def members(company: Any, id: str) -> set[str]:
    work(company)
    with company.harness.service.db.read() as connection:
        assert connection.execute(select(segment_due.c.id)).all() == []
        return set(connection.execute(select(segment_member.c.record_id).where(
            segment_member.c.segment_id == id)).scalars())


def test_a_segment_follows_the_records_that_refer_to_its_own(company: Any) -> None:
    first, second = customer(company, company.admin, "First"), customer(company, company.admin, "Second")
    id = segment(company, EAST_LEADS)
    assert members(company, id) == set()
    one = lead(company, company.admin, first, region="east")
    assert members(company, id) == {first}
    company.call(company.admin, "PATCH", f"/records/lead/{one}", {"customer_id": second})
    assert members(company, id) == {second}
    company.call(company.admin, "PATCH", f"/records/lead/{one}", {"region": "north"})
    assert members(company, id) == set()
    company.call(company.admin, "PATCH", f"/records/lead/{one}", {"region": "east"})
    assert members(company, id) == {second}
    assert company.call(company.admin, "DELETE", f"/records/lead/{one}").status_code == 204
    assert members(company, id) == set()


def test_a_segment_follows_the_record_that_its_own_refer_to(company: Any) -> None:
    big = customer(company, company.admin, "Big")
    id = segment(company, {"field": "customer_id.name", "op": "eq", "value": "Big"}, "lead")
    inside, other = lead(company, company.admin, big), lead(company, company.admin, None)
    assert members(company, id) == {inside}
    company.call(company.admin, "PATCH", f"/records/lead/{other}", {"customer_id": big})
    assert members(company, id) == {inside, other}
    company.call(company.admin, "PATCH", f"/records/customer/{big}", {"name": "Small"})
    assert members(company, id) == set()
    company.call(company.admin, "PATCH", f"/records/customer/{big}", {"name": "Big"})
    assert members(company, id) == {inside, other}
    assert company.call(company.admin, "DELETE", f"/records/lead/{inside}").status_code == 204
    assert members(company, id) == {other}


def test_a_segment_follows_what_is_two_steps_away(company: Any) -> None:
    here = customer(company, company.admin, "Here")
    company.call(company.admin, "POST", "/records/contact", {"name": "C", "customer_id": here})
    inside = lead(company, company.admin, here)
    group = {"related": "contact.customer_id", "op": "some", "where": {
        "field": "customer_id.phone", "op": "is_set"}}
    id = segment(company, group)
    assert members(company, id) == set()
    company.call(company.admin, "PATCH", f"/records/customer/{here}", {"phone": "+8613800138000"})
    assert members(company, id) == {here}
    assert inside


def test_a_segment_that_asks_what_somebody_may_not_read_is_unknown_to_him(company: Any) -> None:
    id = segment(company, {"related": "lead.customer_id", "op": "some",
                           "where": {"field": "score", "op": "gte", "value": 50}})
    blind = company.seller(company.east_team, grant("all", score="none"))
    seeing = company.seller(company.east_team, grant("all"))
    assert company.call(blind, "GET", f"/segments/{id}").status_code == 404
    assert company.call(seeing, "GET", f"/segments/{id}").status_code == 200
    asked = {"field": "segments", "op": "has", "value": id}
    answer = company.call(blind, "POST", "/records/customer/query", {"criteria": asked})
    assert answer.status_code == 422
    nothing = company.seller(company.east_team, grant("all", actions=[one for one in EVERY_ACTION if one != "read"]))
    assert company.call(nothing, "GET", f"/segments/{id}").status_code == 404


def test_a_view_with_related_conditions_is_usable_by_whom_may_read_them(company: Any) -> None:
    made = company.call(company.admin, "POST", "/objects/customer/views", {
        "name": {"en": "V"}, "kind": "list", "visibility": "everybody", "criteria": {
            "related": "lead.customer_id", "op": "some", "where": {"field": "score", "op": "gte", "value": 50}}})
    assert made.status_code == 201, made.json
    path = f"/objects/customer/views/{made.json['id']}"
    assert company.call(company.admin, "GET", path).json["usable"] is True
    blind = company.seller(company.east_team, grant("all", score="none"))
    shown = company.call(blind, "GET", path).json
    assert (shown["usable"], shown["criteria"]) == (False, None)
