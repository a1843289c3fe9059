"""Cells without a column, days at the end of the calendar, and amounts of many millions."""

from __future__ import annotations

import pytest

from tests.integration.report.conftest import House

SQLITE = pytest.mark.parametrize("database_urls", ["sqlite"], indirect=True)


@SQLITE
def test_a_group_leads_to_its_records_and_the_last_day_of_the_calendar_breaks_nothing(house: House) -> None:
    house.lead(visited_on="9999-12-31")
    house.lead(visited_on="2024-02-29")
    house.sync()
    for bucket in ("day", "week", "month", "quarter", "year"):
        asked = {"object": "lead", "dimensions": [{"field": "visited_on", "bucket": bucket}],
                 "measures": [{"op": "count", "compare": "year"}]}
        rows = house.answer(house.admin, asked)["rows"]
        near, far = (house.ask(house.admin, "/drill", {"query": asked, "keys": rows[at]["keys"]}) for at in (0, -1))
        listed = house.write("POST", "/records/lead/query", {"criteria": near.json["criteria"]})["items"]
        assert [one["visited_on"] for one in listed] == ["2024-02-29"]
        assert far.status_code == 422, "criteria do not speak of the last year of the calendar"
    beyond = house.ask(house.admin, "/drill", {"query": {"object": "lead"}, "measure": 1})
    assert [one["code"] for one in beyond.json["errors"]] == ["out_of_range"]


@SQLITE
def test_many_millions_are_converted(house: House) -> None:
    house.write("PUT", "/exchange-rates/USD/2020-01-01", {"rate": "7.1"})
    for amount, currency in (("9999999999999999.99", "CNY"), ("3000000", "USD"), ("3000000", "USD")):
        house.lead(expected_amount={"amount": amount, "currency": currency})
    house.sync()
    measures = [{"op": op, "field": "expected_amount", "currency": "base"} for op in ("sum", "min", "max")]
    [row] = house.answer(house.admin, {"measures": measures})["rows"]
    assert row["values"] == ["10000000042599999.99", "21300000.00", "9999999999999999.99"]
