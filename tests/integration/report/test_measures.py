"""Measures that look at some records, rates, running totals, comparisons with earlier periods, and fiscal years."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.integration.report.conftest import House, found, grant

STATUS = {"field": "status", "op": "eq", "value": "qualified"}
SQLITE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is noon of 15 November 2026 in Shanghai."""
    monkeypatch.setattr("chassis.http.criteria.utcnow", lambda: datetime(2026, 11, 15, 4, tzinfo=UTC))


def rows(answer: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(*row["keys"], *row["values"]) for row in answer["rows"]]


def compared(answer: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(*row["keys"], *row["values"], *row["before"], *row["change"], row["unfinished"])
            for row in answer["rows"]]


@SQLITE
def test_measures_look_at_some_records_and_rates_divide_exactly(house: House) -> None:
    for region, status, score in (("east", "qualified", 5), ("east", "new", 1), ("east", "new", 1),
                                  ("north", "qualified", 2), (None, "new", 4)):
        house.lead(region=region, status=status, score=score)
    house.sync()
    answer = house.answer(house.admin, {"dimensions": [{"field": "region", "empty": True}], "measures": [
        {"op": "count", "criteria": STATUS}, {"op": "sum", "field": "score", "criteria": STATUS},
        {"op": "rate", "criteria": STATUS, "label": {"en": "Qualified"}},
        {"op": "rate", "part": {"op": "sum", "field": "score", "criteria": STATUS},
         "whole": {"op": "avg", "field": "score"}}]})
    assert rows(answer) == [
        ("east", "1", "5", "0.3333", "2.1429"), ("north", "1", "2", "1.0000", "1.0000"),
        ("south", "0", "0", None, None), (None, "0", "0", "0.0000", "0.0000")]
    assert [(one["label"], one["type"]) for one in answer["columns"][3:]] == [
        ("Qualified", "ratio"), ("Rate", "ratio")]
    by_rate = house.answer(house.admin, {"dimensions": [{"field": "region"}], "sort": [{"measure": 0, "dir": "desc"}],
                                         "measures": [{"op": "rate", "criteria": STATUS}]})
    assert [row["keys"][0] for row in by_rate["rows"]] == ["north", "east", None]


@SQLITE
def test_the_criteria_of_a_measure_know_only_what_the_caller_may_read(house: House) -> None:
    person = house.user("Person", objects={"lead": grant("all", status="none")})
    for measure, pointer in (({"op": "count", "criteria": STATUS}, "/measures/0/criteria/field"),
                             ({"op": "rate", "part": {"op": "count", "criteria": STATUS}, "whole": {"op": "count"}},
                              "/measures/0/part/criteria/field")):
        answer = house.ask(person, "/query", {"object": "lead", "measures": [measure]})
        assert [(one["pointer"], one["code"]) for one in answer.json["errors"]] == [
            (pointer, "criteria.unknown_field")]


@SQLITE
def test_running_totals_go_over_the_periods_of_each_group(house: House) -> None:
    for region, day, score in (("east", "2026-01-05", 1), ("north", "2026-01-09", 7), ("east", "2026-03-31", 2),
                               ("east", None, 9)):
        house.lead(region=region, visited_on=day, score=score, status="qualified" if score < 2 else "new")
    house.sync()
    answer = house.answer(house.admin, {
        "dimensions": [{"field": "visited_on", "bucket": "month"}, {"field": "region"}],
        "measures": [{"op": "sum", "field": "score", "running": True}, {"op": "rate", "criteria": STATUS,
                                                                         "running": True},
                     {"op": "max", "field": "score", "running": True}]})
    assert rows(answer) == [
        ("2026-01-01", "east", "1", "1.0000", "1"), ("2026-01-01", "north", "7", "0.0000", "7"),
        ("2026-03-01", "east", "3", "0.5000", "2"), (None, "east", "0", None, None)]
    assert answer["columns"][2]["label"] == "score: sum (running total)"


@SQLITE
def test_periods_are_compared_and_one_that_goes_on_with_as_much_of_the_other(house: House, today: None) -> None:
    for day, score in (("2025-11-15", 3), ("2025-11-16", 50), ("2026-09-30", 4), ("2026-10-15", 2),
                       ("2026-10-16", 60), ("2026-10-31", 70), ("2026-11-01", 8), ("2026-12-24", 1), (None, 5)):
        house.lead(visited_on=day, called_at=day and f"{day}T03:00:00Z", score=score)
    house.sync()
    asked = {"measures": [{"op": "sum", "field": "score", "compare": "previous"},
                          {"op": "count", "compare": "year"}]}
    for field in ("visited_on", "called_at"):
        months = house.answer(house.admin, asked | {"dimensions": [{"field": field, "bucket": "month"}]})
        assert [one for one in compared(months) if one[0] is None or one[0] > "2026-08"] == [
            ("2026-09-01", "4", "1", "0", "0", None, None, False),
            ("2026-10-01", "132", "3", "4", "0", "32.0000", None, False),
            ("2026-11-01", "8", "1", "2", "1", "3.0000", "0.0000", True),
            ("2026-12-01", "1", "1", None, None, None, None, False),
            (None, "5", "1", None, None, None, None, False)], field
        month = house.answer(house.admin, asked | {"period": {"field": field, "is": "this_month"}})
        assert compared(month) == [("8", "1", "2", "1", "3.0000", "0.0000", True)]
        last = house.answer(house.admin, asked | {"period": {"field": field, "is": "last_month"}})
        assert compared(last) == [("132", "3", "4", "0", "32.0000", None, False)]
    assert [one.get("compare") for one in month["columns"]] == ["previous", "year"]
    moment = house.answer(house.admin, {"measures": [{"op": "count", "compare": "previous"}],
                                        "period": {"field": "called_at", "is": "today"}})
    assert compared(moment) == [("0", "0", None, True)]


def test_a_year_begins_in_the_month_of_the_company(make_house: Callable[..., House], today: None) -> None:
    house = make_house(FREEHOLD_FISCAL_YEAR_MONTH="4")
    found(house)
    for day in ("2026-03-31", "2026-04-01", "2026-11-15", "2025-05-01"):
        house.lead(visited_on=day)
    house.sync()

    def by(bucket: str) -> list[tuple[str, str, str]]:
        answer = house.answer(house.admin, {"dimensions": [{"field": "visited_on", "bucket": bucket}]})
        return [(row["keys"][0], row["labels"][0], row["values"][0]) for row in answer["rows"]]

    assert by("year") == [("2025-04-01", "2025/26", "2"), ("2026-04-01", "2026/27", "2")]
    assert by("quarter") == [("2025-04-01", "2025/26 Q1", "1"), ("2026-01-01", "2025/26 Q4", "1"),
                             ("2026-04-01", "2026/27 Q1", "1"), ("2026-10-01", "2026/27 Q3", "1")]
    year = house.answer(house.admin, {"measures": [{"op": "count", "compare": "previous"}],
                                      "period": {"field": "visited_on", "is": "this_year"}})
    assert compared(year) == [("2", "1", "1.0000", True)]


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"measures": [{"op": "rate"}]}, "/measures/0", "part_and_whole"),
    ({"measures": [{"op": "rate", "part": {"op": "count"}}]}, "/measures/0", "part_and_whole"),
    ({"measures": [{"op": "rate", "criteria": STATUS, "field": "score"}]}, "/measures/0/field", "not_of_rates"),
    ({"measures": [{"op": "count", "part": {"op": "count"}}]}, "/measures/0/part", "only_of_rates"),
    ({"measures": [{"op": "rate", "part": {"op": "sum", "field": "expected_amount"}, "whole": {"op": "count"}}]},
     "/measures/0/part/currency", "base_needed"),
    ({"measures": [{"op": "rate", "part": {"op": "max", "field": "visited_on"}, "whole": {"op": "count"}}]},
     "/measures/0/part/op", "not_measurable"),
    ({"measures": [{"op": "rate", "part": {"op": "rate"}, "whole": {"op": "count"}}]}, "/measures/0/part/op",
     "not_a_choice"),
    ({"measures": [{"op": "count", "running": True}]}, "/measures/0/running", "one_time_needed"),
    ({"measures": [{"op": "count_distinct", "field": "score", "running": True}],
      "dimensions": [{"field": "visited_on"}]}, "/measures/0/running", "not_running"),
    ({"measures": [{"op": "rate", "part": {"op": "count_distinct", "field": "score"}, "whole": {"op": "count"},
                    "running": True}], "dimensions": [{"field": "visited_on"}]}, "/measures/0/running", "not_running"),
    ({"measures": [{"op": "count", "running": True}], "dimensions": [
        {"field": "visited_on"}, {"field": "region", "empty": True}]}, "/measures/0/running", "not_with_empty"),
    ({"measures": [{"op": "count", "compare": "year"}]}, "/measures/0/compare", "one_time_needed"),
    ({"measures": [{"op": "count", "compare": "year"}], "dimensions": [{"field": "visited_on"}],
      "period": {"field": "called_at", "is": "today"}}, "/measures/0/compare", "one_time_needed"),
    ({"period": {"field": "ghost", "is": "today"}}, "/period/field", "unknown_field"),
    ({"period": {"field": "region", "is": "today"}}, "/period/field", "bucket_needs_date"),
    ({"period": {"field": "visited_on", "is": "someday"}}, "/period/is", "not_a_choice"),
]


@SQLITE
def test_a_wrong_measure_is_told_where(house: House) -> None:
    for asked, pointer, code in WRONG:
        answer = house.ask(house.admin, "/query", {"object": "lead", **asked})
        assert answer.status_code == 422, (asked, answer.json)
        assert (pointer, code) in [(one["pointer"], one["code"]) for one in answer.json["errors"]], answer.json
