"""Reports ask related records: the customer behind a lead, the leads of a customer; with the eyes of who asks."""

from __future__ import annotations

from typing import Any

from tests.integration.report.conftest import House, grant

BIG = {"field": "customer_id.name", "op": "eq", "value": "华为"}
HAS_EAST = {"related": "lead.customer_id", "op": "some", "where": {"field": "region", "op": "eq", "value": "east"}}


def count(house: House, who: str, object_name: str, criteria: Any) -> int:
    answer = house.ask(who, "/query", {"object": object_name, "measures": [{"op": "count"}], "criteria": criteria})
    assert answer.status_code == 200, answer.json
    return int(answer.json["rows"][0]["values"][0])


def customer(house: House, who: str, name: str) -> str:
    return str(house.write("POST", "/records/customer", {"name": name}, who=who)["id"])


def test_a_report_counts_by_related_records_as_far_as_the_caller_sees_them(house: House) -> None:
    objects = {"lead": grant("all"), "customer": grant("all")}
    writer, other = house.user("W", objects=objects), house.user("O", objects=objects)
    big, small = customer(house, writer, "华为"), customer(house, other, "Small")
    for of in (big, big, small):
        house.lead(writer, customer_id=of, region="east")
    house.lead(writer, region="north")
    house.sync()
    assert count(house, house.admin, "lead", BIG) == 2
    assert count(house, house.admin, "lead", {**BIG, "op": "ne"}) == 2
    assert count(house, house.admin, "customer", HAS_EAST) == 2
    assert count(house, house.admin, "customer", {**HAS_EAST, "op": "at_least", "value": 2}) == 1
    own = house.user("Own", objects={"lead": grant("all"), "customer": grant("own")})
    assert count(house, own, "lead", BIG) == 0
    blind = house.user("Blind", objects={"lead": grant("all", region="masked"), "customer": grant("all")})
    answer = house.ask(blind, "/query", {"object": "customer", "measures": [{"op": "count"}], "criteria": HAS_EAST})
    assert [(one["pointer"], one["code"]) for one in answer.json["errors"]] == [
        ("/criteria/where/field", "criteria.unknown_field")]


def test_a_sharing_rule_over_related_records_counts_in_reports_as_in_lists(house: House) -> None:
    objects = {"lead": grant("all"), "customer": grant("all")}
    writer = house.user("W", objects=objects)
    reader = house.user("R", objects={"customer": grant("own")})
    shared = customer(house, writer, "Shared")
    customer(house, writer, "Other")
    house.lead(writer, customer_id=shared, region="east")
    house.write("POST", "/sharing/rules", {"object": "customer", "name": {"en": "East"}, "criteria": HAS_EAST,
                                           "grantees": [f"user:{reader}"]}, who=house.admin)
    house.sync()
    assert count(house, reader, "customer", {"all": []}) == 1


def test_what_points_at_a_record_that_a_pool_masks_is_no_more_counted_than_listed(house: House) -> None:
    reader = house.user("R", objects={"lead": grant("own"), "customer": grant("own")})
    house.write("PATCH", "/objects/lead/fields/customer_id", {"options": {"object": "customer", "follow": "read"}})
    house.write("POST", "/objects/customer/fields", {"name": "phone", "type": "phone"})
    pooled = customer(house, house.admin, "Pooled")
    house.lead(house.admin, customer_id=pooled, region="east")
    pool = house.write("POST", "/pools", {"object": "customer", "name": {"en": "Open"}, "members": [f"user:{reader}"]})
    house.write("POST", f"/records/customer/{pooled}/return", {"pool_id": pool["id"]})
    house.sync()
    assert count(house, reader, "lead", {"all": []}) == 1
    house.write("PATCH", f"/pools/{pool['id']}", {"masked": ["phone"]})
    house.sync()
    assert count(house, reader, "lead", {"all": []}) == 0
    assert count(house, reader, "customer", {"all": []}) == 1, "the record itself is seen, without what is masked"
