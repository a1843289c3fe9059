"""Several currencies: no sum over amounts of two, except at the rates of the company, each on the day of its record."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import update

from tests.integration.customer_calculations.conftest import Shop, rollup

_CNY = {"result": "money", "currency": "CNY"}
_OWN = {"object": "deal", "match": [{"field": "owner_id", "own": "owner_id"}], "function": "sum", "field": "price"}


def money(amount: str, currency: str = "CNY") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


def deal(shop: Shop, customer: dict[str, Any], price: dict[str, str], day: str) -> None:
    """A deal that was made on a day, at one in the morning by the company's clock."""
    made = shop.create("deal", customer_id=customer["id"], price=price)
    zone = ZoneInfo(shop.harness.service.settings.default_timezone)
    table = shop.harness.service.parts["types"].get("deal").table
    with shop.harness.service.db.unit_of_work() as uow:
        uow.execute(update(table).where(table.c.id == made["id"]).values(
            created_at=datetime.fromisoformat(f"{day}T01:00:00").replace(tzinfo=zone)))


def rate(shop: Shop, currency: str, day: str, worth: str) -> None:
    """What a currency is worth from a day on."""
    shop.good("PUT", f"/exchange-rates/{currency}/{day}", {"rate": worth}, shop.admin)
    shop.settle()


def sums(shop: Shop, id: str) -> list[str | None]:
    """The roll-ups of a customer."""
    found = shop.get("customer", id)
    return [found[name] and found[name]["amount"] for name in ("turnover", "mean", "least", "most", "peers")]


def total(shop: Shop, function: str = "sum") -> dict[str, Any]:
    """A number below the list of deals."""
    asked = {"totals": [{"field": "price", "function": function}]}
    return shop.good("POST", "/records/deal/totals", asked)["groups"][0]["totals"][0]


@pytest.fixture
def traded(shop: Shop) -> tuple[Shop, str]:
    """A customer with deals in three currencies, made on different days."""
    shop.define("customer", rollup("turnover", "sum", "price", **_CNY), rollup("mean", "average", "price", **_CNY),
                rollup("least", "min", "price", **_CNY), rollup("most", "max", "price", **_CNY),
                {"name": "peers", "type": "rollup", "options": {**_OWN, **_CNY}})
    customer = shop.create("customer")
    for price, day in ((money("10"), "2026-01-05"), (money("1.01", "USD"), "2026-01-05"),
                       (money("2", "USD"), "2026-03-01"), (money("3", "EUR"), "2026-03-02")):
        deal(shop, customer, price, day)
    shop.settle()
    return shop, customer["id"]


def test_sums_over_currencies_use_the_rate_of_each_records_day(traded: tuple[Shop, str]) -> None:
    shop, id = traded
    assert sums(shop, id) == [None] * 5
    rate(shop, "USD", "2026-02-01", "7.5")
    assert sums(shop, id) == [None] * 5  # nobody knows what a euro is worth
    rate(shop, "EUR", "2025-01-01", "8")
    assert sums(shop, id) == ["56.58", "14.14", "7.58", "24.00", "56.58"]  # the earliest rate also holds before it
    rate(shop, "USD", "2026-03-01", "6")
    assert sums(shop, id) == ["53.58", "13.39", "7.58", "24.00", "53.58"]
    rate(shop, "USD", "2026-03-01", "7.0000000001")
    shop.good("DELETE", "/exchange-rates/USD/2026-02-01", who=shop.admin)
    shop.settle()
    assert sums(shop, id) == ["55.07", "13.77", "7.07", "24.00", "55.07"]


def test_sums_from_before_there_were_rates_are_counted_anew_by_the_migration(traded: tuple[Shop, str]) -> None:
    shop, id = traded
    service = shop.harness.service
    table = service.parts["types"].get("customer").table
    with service.db.unit_of_work() as uow:
        uow.execute(update(table).where(table.c.id == id).values(turnover=Decimal(10), turnover__currency="CNY"))
    assert sums(shop, id)[0] == "10.00"  # the dollars and euros were left out
    with service.db.engine.begin() as connection:
        context = MigrationContext.configure(connection)
        with Operations.context(context):
            import_module("services.customer.store.migrations.0038_sums_over_currencies").upgrade()
    shop.settle()
    assert sums(shop, id) == [None] * 5


def test_totals_of_a_list_tell_each_currency_and_what_all_are_together(traded: tuple[Shop, str]) -> None:
    shop, _ = traded
    each = [money("10.00"), money("3.00", "EUR"), money("3.01", "USD")]
    assert total(shop)["value"] == each
    assert total(shop)["base"] == {"amount": None, "currency": "CNY", "without_rate": ["EUR", "USD"]}
    for one in (("USD", "2026-02-01", "7.5"), ("USD", "2026-03-01", "6"), ("EUR", "2026-01-01", "8")):
        rate(shop, *one)
    assert (total(shop)["value"], total(shop)["base"]["amount"]) == (each, "53.58")
    assert [total(shop, name)["base"]["amount"] for name in ("average", "min", "max")] == ["13.39", "7.58", "24.00"]
    assert "base" not in total(shop, "count")
    own = {"criteria": {"field": "price.currency", "op": "eq", "value": "CNY"},
           "totals": [{"field": "price", "function": "sum"}]}
    assert "base" not in shop.good("POST", "/records/deal/totals", own)["groups"][0]["totals"][0]


def test_the_largest_amounts_at_the_largest_rate_have_a_total(shop: Shop) -> None:
    customer = shop.create("customer")
    rate(shop, "USD", "2026-01-01", "99999999")
    for _ in range(2):
        deal(shop, customer, money("9999999999999999.99", "USD"), "2026-02-01")
    assert total(shop)["base"]["amount"] == "1999999979999999998000000.02"
    assert total(shop, "average")["base"]["amount"] == "999999989999999999000000.01"


def test_a_company_says_which_currencies_it_uses(shop: Shop) -> None:
    answer = shop.good("GET", "/currencies")
    assert (answer["base"], answer["items"]) == ("CNY", ["CNY"])
    assert shop.good("PUT", "/currencies", {"base": "EUR", "items": ["USD", "EUR", "CNY"]}, shop.admin)["items"] == [
        "EUR", "USD", "CNY"]
    shop.define("deal", {"name": "fee", "type": "money"})
    assert shop.create("deal", fee={"amount": "1"})["fee"] == money("1.00", "EUR")
    rate(shop, "CNY", "2026-01-01", "0.125")
    shop.good("PUT", "/currencies", {"base": "EUR", "items": []}, shop.admin)
    assert shop.call("PUT", "/currencies", {"base": "CNY", "items": []}, shop.admin).json["code"] == "rates_standing"
    [first] = shop.good("GET", "/exchange-rates?limit=1", who=shop.admin)["items"]
    assert (first["currency"], first["valid_from"], first["rate"]) == ("CNY", "2026-01-01", "0.125")


def test_fields_keep_their_currency_until_the_company_says_which_it_uses(shop: Shop) -> None:
    shop.define("deal", {"name": "fee", "type": "money", "options": {"currency": "USD"}})
    answer = shop.good("GET", "/currencies")
    assert (answer["base"], answer["items"]) == ("CNY", ["CNY", "USD"])
    shop.good("PUT", "/currencies", {"base": "EUR", "items": []}, shop.admin)
    assert shop.good("GET", "/currencies")["items"] == ["EUR"]


@pytest.mark.parametrize(("path", "given", "pointer"), [
    ("/exchange-rates/USD/2026-02-01", {"rate": "0"}, "/rate"), ("/exchange-rates/USD/2026-02-30", {"rate": "1"},
     "/valid_from"), ("/exchange-rates/CNY/2026-02-01", {"rate": "1"}, "/currency"),
    ("/exchange-rates/XXX/2026-02-01", {"rate": "1"}, "/currency"), ("/exchange-rates/USD/2026-02-01", {}, "/rate"),
    ("/currencies", {"base": "XXX", "items": []}, "/base"), ("/currencies", {"base": "CNY", "items": [1]}, "/items/0"),
    ("/currencies", {"base": "CNY"}, "/items"),
    ("/currencies", {"base": "CNY", "items": ["CNY"] * 500 + [{}]}, "/items"),
])
def test_a_rate_that_can_not_be_is_told_at_its_place(shop: Shop, path: str, given: Any, pointer: str) -> None:
    answer = shop.call("PUT", path, given, shop.admin)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)
