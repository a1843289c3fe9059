"""Groups and numbers along references: with the caller's eyes at every step."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.report.conftest import House, choices, grant


@pytest.fixture
def chain(house: House) -> tuple[House, dict[str, str]]:
    """Leads of customers of partners of cities: three steps."""
    city = {"name": "city", "label": {"en": "City"}, "fields": [
        {"name": "name", "type": "text"}, {"name": "size", "type": "integer"}]}
    partner = {"name": "partner", "label": {"en": "Partner"}, "fields": [
        {"name": "name", "type": "text"}, {"name": "city_id", "type": "reference", "options": {"object": "city"}}]}
    for definition in (city, partner):
        house.write("POST", "/objects", definition)
    for body in ({"name": "region", "type": "choice", "options": choices("east", "north", east="华东", north="华北"),
                  "label": {"en": "Region"}},
                 {"name": "budget", "type": "money"}, {"name": "founded_on", "type": "date"},
                 {"name": "partner_id", "type": "reference", "options": {"object": "partner"}}):
        house.write("POST", "/objects/customer/fields", body)
    ids = {"city": house.write("POST", "/records/city", {"name": "苏州", "size": 7})["id"]}
    ids["partner"] = house.write("POST", "/records/partner", {"name": "P", "city_id": ids["city"]})["id"]
    everything = {name: grant("all") for name in ("lead", "customer", "partner", "city")}
    ids["seller"] = house.user("Seller", objects=everything)
    for name, who, values in (("big", ids["seller"], {"region": "east", "partner_id": ids["partner"]}),
                              ("small", house.admin, {"region": "north"})):
        ids[name] = house.write("POST", "/records/customer", {
            "name": name, "founded_on": "2020-05-05", "budget": {"amount": "10", "currency": "CNY"}, **values},
            who=who)["id"]
    for of in ("big", "big", "small", None):
        house.lead(ids["seller"], customer_id=ids.get(of or ""), score=1)
    house.sync()
    return house, ids


def counted(house: House, who: str, field: str, **more: Any) -> list[tuple[Any, ...]]:
    answer = house.answer(who, {"dimensions": [{"field": field, **more}],
                                "measures": [{"op": "count"}, {"op": "sum", "field": "score"}]})
    return [(row["keys"][0], row["labels"][0], *row["values"]) for row in answer["rows"]]


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_groups_are_made_along_up_to_three_references(chain: tuple[House, dict[str, str]]) -> None:
    house, ids = chain
    assert counted(house, house.admin, "customer_id.region") == [
        ("east", "East", "2", "2"), ("north", "North", "1", "1"), (None, "(none)", "1", "1")]
    assert counted(house, house.admin, "customer_id.founded_on", bucket="year") == [
        ("2020-01-01", "2020", "3", "3"), (None, "(none)", "1", "1")]
    assert counted(house, house.admin, "customer_id.partner_id") == [
        (ids["partner"], "P", "2", "2"), (None, "(none)", "2", "2")]
    assert counted(house, house.admin, "customer_id.partner_id.city_id.size") == [
        ("7", "7", "2", "2"), (None, "(none)", "2", "2")]
    answer = house.answer(house.admin, {
        "dimensions": [{"field": "customer_id.region", "empty": True}],
        "measures": [{"op": "sum", "field": "customer_id.budget"}, {"op": "max", "field": "customer_id.founded_on"}]})
    assert [(*row["keys"], *row["values"]) for row in answer["rows"]] == [
        ("east", "20.00", "2020-05-05"), ("north", "10.00", "2020-05-05"), (None, "0.00", None)]
    assert [one["label"] for one in answer["columns"]][:2] == ["customer_id · Region", "customer_id · budget: sum"]
    far = house.ask(house.admin, "/query", {"object": "lead", "dimensions": [
        {"field": "customer_id.partner_id.city_id.created_by.name"}]})
    assert far.json["errors"][0]["code"] == "unknown_field"


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_related_records_out_of_sight_give_no_group(chain: tuple[House, dict[str, str]]) -> None:
    house, _ = chain
    east = house.department("East")
    narrow = house.user("Narrow", east, objects={"lead": grant("all"), "customer": grant("own")})
    assert counted(house, narrow, "customer_id.region") == [(None, "(none)", "4", "4")]
    rule = {"object": "customer", "name": {"en": "North"}, "criteria": {"field": "region", "op": "eq",
            "value": "north"}, "grantees": [f"user:{narrow}"]}
    house.write("POST", "/sharing/rules", rule)
    house.sync()
    assert counted(house, narrow, "customer_id.region") == [
        ("north", "North", "1", "1"), (None, "(none)", "3", "3")]


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_fields_and_objects_that_may_not_be_read_do_not_exist_along_references(
        chain: tuple[House, dict[str, str]]) -> None:
    house, _ = chain
    people = (house.user("A", objects={"lead": grant("all"), "customer": grant("all", region="masked")}),
              house.user("B", objects={"lead": grant("all")}),
              house.user("C", objects={"lead": grant("all", customer_id="none"), "customer": grant("all")}))
    for person in people:
        for asked in ({"dimensions": [{"field": "customer_id.region"}]},
                      {"measures": [{"op": "count", "field": "customer_id.region"}]}):
            answer = house.ask(person, "/query", {"object": "lead", **asked})
            assert [one["code"] for one in answer.json["errors"]] == ["unknown_field"], asked


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_what_a_pool_masks_makes_no_group(chain: tuple[House, dict[str, str]]) -> None:
    house, ids = chain
    house.write("POST", "/objects/customer/fields", {"name": "phone", "type": "phone"})
    reader = house.user("R", objects={"lead": grant("all"), "customer": grant("own")})
    pool = house.write("POST", "/pools", {"object": "customer", "name": {"en": "Open"}, "members": [f"user:{reader}"]})
    house.write("POST", f"/records/customer/{ids['small']}/return", {"pool_id": pool["id"]})
    house.sync()
    assert counted(house, reader, "customer_id.region")[0] == ("north", "North", "1", "1")
    house.write("PATCH", f"/pools/{pool['id']}", {"masked": ["phone"]})
    house.sync()
    assert counted(house, reader, "customer_id.region") == [(None, "(none)", "4", "4")]
