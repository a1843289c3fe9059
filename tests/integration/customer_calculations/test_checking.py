"""A formula that is being written: its mistakes with their places, its value for a real record, and no secrets."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.customer_calculations.conftest import Shop, formula

CHECK = "/formulas/deal/check"


def checked(shop: Shop, expression: Any, result: str = "decimal", **more: Any) -> dict[str, Any]:
    return shop.good("POST", CHECK, {"expression": expression, "result": result, **more}, shop.admin)


def test_a_good_formula_is_shown_with_its_value_for_the_newest_record(shop: Shop) -> None:
    customer = shop.create("customer", level="A")
    shop.create("deal", name="Old", quantity=1)
    deal = shop.create("deal", name="New", quantity=4, customer_id=customer["id"])
    found = checked(shop, "quantity / 2")
    assert found == {"valid": True, "errors": [], "reads": ["quantity"], "volatile": False, "preview": {
        "record": {"id": deal["id"], "title": "New"}, "value": "2.00", "error": None}}
    followed = checked(shop, "customer_id.level & TODAY()", "text")
    assert (followed["reads"], followed["volatile"]) == (["customer_id.level"], True)
    assert followed["preview"]["value"].startswith("A20")


def test_another_record_can_be_asked_for(shop: Shop) -> None:
    deal = shop.create("deal", quantity=8)
    shop.create("deal", quantity=4)
    assert checked(shop, "quantity", record_id=deal["id"])["preview"]["value"] == "8.00"
    gone = {"expression": "1", "record_id": "0190f3a0-0000-7000-8000-00000000000a"}
    assert shop.call("POST", CHECK, gone, shop.admin).status_code == 404


def test_mistakes_come_with_their_places(shop: Shop) -> None:
    found = checked(shop, "quantity +\n amont")
    assert (found["valid"], found["preview"]) == (False, None)
    error = checked(shop, "1 + quantiti")["errors"][0]
    assert (error["code"], error["start"], error["end"], error["line"], error["column"], error["suggestion"]) == (
        "formula_unknown_field", 4, 12, 1, 5, "quantity")
    assert checked(shop, "1 +")["errors"][0]["code"] == "formula_unexpected_end"
    assert checked(shop, None)["errors"][0]["code"] == "formula_not_text"


def test_a_value_that_cannot_be_worked_out_says_why(shop: Shop) -> None:
    shop.create("deal", quantity=0)
    preview = checked(shop, "1 / quantity")["preview"]
    assert (preview["value"], preview["error"]["code"]) == (None, "formula_division_by_zero")


def test_a_circle_is_seen_before_it_is_saved(shop: Shop) -> None:
    shop.define("deal", formula("a", "quantity", "integer"), formula("b", "a", "integer"))
    assert checked(shop, "b + 1", "integer", field="a")["errors"][0]["code"] == "circular_formula"
    assert checked(shop, "quantity + 1", "integer", field="a")["valid"]


def test_who_may_not_read_the_inputs_gets_no_value(shop: Shop) -> None:
    shop.create("deal", quantity=3)
    role = shop.harness.role({"deal": {"actions": ["read"], "scope": "all", "fields": {"quantity": "none"}}},
                             ("objects.manage",))
    designer = shop.harness.user("Designer", None, (role,))
    found = shop.good("POST", CHECK, {"expression": "quantity", "result": "integer"}, designer)
    assert (found["valid"], found["preview"]) == (True, None)
    assert shop.call("POST", CHECK, {"expression": "1"}).status_code == 403


@pytest.mark.parametrize("body", [
    {}, {"expression": "1", "result": "choice"}, {"expression": "1", "options": []}, {"expression": "1", "field": 3},
    {"expression": "1", "record_id": 3}, {"expression": "1", "field": "NO"}, {"expression": "1", "x": 1},
    {"expression": "1", "result": []}, {"expression": "1", "result": "money", "options": {"currency": []}},
])  # fmt: skip
def test_a_wrong_request_is_refused_or_answered(shop: Shop, body: dict[str, Any]) -> None:
    assert shop.call("POST", CHECK, body, shop.admin).status_code in (200, 422)
    assert shop.call("POST", "/formulas/nothing/check", body, shop.admin).status_code in (404, 422)


def test_the_functions_are_listed_for_everybody(shop: Shop) -> None:
    items = shop.good("GET", "/formulas/functions")["items"]
    assert {"IF", "ROUND", "DAYS"} <= {one["name"] for one in items}
    assert all(one["about"]["zh-CN"] for one in items)
