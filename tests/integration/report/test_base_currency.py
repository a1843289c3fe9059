"""Money in the base currency: by the rate of the day, unknown without one, rates followed and rebuilt."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import update

from chassis.ids import new_id
from tests.integration.report.conftest import House

SUM = {"op": "sum", "field": "expected_amount", "currency": "base"}


def money(amount: str, currency: str = "CNY") -> dict[str, Any]:
    return {"expected_amount": {"amount": amount, "currency": currency}}


def made_on(house: House, id: str, day: str) -> None:
    """The record was made at noon of a day."""
    table = house.customer.service.parts["types"].get("lead").table
    with house.customer.service.db.unit_of_work() as uow:
        uow.execute(update(table).where(table.c.id == id).values(
            created_at=datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC)))


def worth(house: House, *measures: dict[str, Any], **more: Any) -> list[str | None]:
    answer = house.answer(house.admin, {"measures": list(measures or [SUM]), **more})
    return list(answer["rows"][0]["values"])


def test_amounts_are_converted_by_the_rate_of_the_day_and_rates_are_followed(house: House) -> None:
    for day, amount, currency in (("2026-01-10", "100", "USD"), ("2026-06-10", "100", "USD"),
                                  ("2026-06-10", "10.01", "CNY")):
        made_on(house, house.lead(**money(amount, currency))["id"], day)
    house.rebuild()
    assert worth(house) == [None], "nobody knows what the dollars are worth"
    house.write("PUT", "/exchange-rates/USD/2026-03-01", {"rate": "7.12345"})
    house.sync()
    assert worth(house) == ["1434.70"], "the earliest rate holds for all days before, and only the sum is rounded"
    house.write("PUT", "/exchange-rates/USD/2026-06-10", {"rate": "6.5"})
    late = house.events()
    house.report.deliver(*late)
    again = [[replace(message, id=new_id()) for message in late] for _ in range(2)]
    every = [SUM, {**SUM, "op": "avg"}, {**SUM, "op": "min"}, {**SUM, "op": "max"},
             {"op": "rate", "part": {**SUM, "criteria": {"field": "expected_amount.currency", "op": "eq",
                                                         "value": "USD"}}, "whole": SUM}]
    assert worth(house, *every) == ["1372.36", "457.45", "10.01", "712.35", "0.9927"]
    house.rebuild()
    assert worth(house) == ["1372.36"]
    house.write("PUT", "/exchange-rates/USD/2026-06-10", {"rate": "8"})
    house.sync()
    house.report.deliver(*again.pop())
    assert worth(house) == ["1522.36"], "what comes late changes nothing"
    assert house.customer.call(house.admin, "DELETE", "/v1/exchange-rates/USD/2026-06-10").status_code == 204
    house.sync()
    house.report.deliver(*again.pop())
    assert worth(house) == ["1434.70"]


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_a_group_with_an_amount_that_nobody_can_convert_is_unknown_and_no_other(house: House) -> None:
    house.lead(region="east", **money("5"))
    house.lead(region="north", **money("5"))
    house.lead(region="north", **money("5", "EUR"))
    house.sync()
    answer = house.answer(house.admin, {"measures": [SUM], "dimensions": [{"field": "region", "empty": True}]})
    assert [(*row["keys"], *row["values"]) for row in answer["rows"]] == [
        ("east", "5.00"), ("north", None), ("south", "0.00")]
    by_rate = house.answer(house.admin, {"dimensions": [{"field": "region"}], "sort": [{"measure": 0, "dir": "desc"}],
                                         "measures": [{"op": "rate", "part": SUM, "whole": {"op": "count"}}]})
    assert [(*row["keys"], *row["values"]) for row in by_rate["rows"]] == [("east", "5.0000"), ("north", None)]
    assert answer["columns"][1]["currency"] == "CNY"


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_another_base_is_followed(house: House) -> None:
    house.lead(**money("5", "EUR"))
    house.write("PUT", "/currencies", {"base": "EUR", "items": ["EUR", "CNY"]})
    house.sync()
    assert worth(house) == ["5.00"]
    house.rebuild()
    answer = house.answer(house.admin, {"measures": [SUM]})
    assert (answer["rows"][0]["values"], answer["columns"][0]["currency"]) == (["5.00"], "EUR")


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_only_amounts_are_converted(house: House) -> None:
    for measure in ({"op": "count", "currency": "base"}, {"op": "sum", "field": "score", "currency": "base"},
                    {"op": "count", "field": "expected_amount", "currency": "base"}):
        answer = house.ask(house.admin, "/query", {"object": "lead", "measures": [measure]})
        assert [one["code"] for one in answer.json["errors"]] == ["not_convertible"], measure
