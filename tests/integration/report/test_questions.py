"""What questions answer: measures, dimensions, money, time zones, labels, order, limits."""

from __future__ import annotations

from typing import Any

import pytest

from services.report.store.read_model import TooSlow
from tests.integration.report.conftest import House, grant


def rows(answer: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(*row["keys"], *row["values"]) for row in answer["rows"]]


def money(amount: str, currency: str = "CNY") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


def test_records_are_counted_and_summed_by_choice(house: House) -> None:
    for region, amount in (("north", "5.50"), ("east", "10"), ("east", "20.25"), (None, "1")):
        house.lead(region=region, expected_amount=money(amount))
    house.sync()
    answer = house.answer(house.admin, {
        "measures": [{"op": "count"}, {"op": "sum", "field": "expected_amount"}], "dimensions": [{"field": "region"}]})
    assert rows(answer) == [("east", "2", "30.25"), ("north", "1", "5.50"), (None, "1", "1.00")]
    assert [row["labels"] for row in answer["rows"]] == [["East"], ["North"], ["(none)"]]
    assert [column["label"] for column in answer["columns"]] == ["Region", "Records", "Amount: sum"]
    assert answer["as_of"] is not None
    assert answer["truncated"] is False


def test_money_has_a_column_per_currency(house: House) -> None:
    for amount in (money("10"), money("20"), money("7.5", "USD"), None):
        house.lead(expected_amount=amount)
    house.sync()
    answer = house.answer(house.admin, {"measures": [
        {"op": "sum", "field": "expected_amount"}, {"op": "avg", "field": "expected_amount"},
        {"op": "max", "field": "expected_amount"}, {"op": "count", "field": "expected_amount"}]})
    assert rows(answer) == [("30.00", "7.50", "15.00", "7.50", "20.00", "7.50", "3")]
    assert [column["currency"] for column in answer["columns"]] == ["CNY", "USD", "CNY", "USD", "CNY", "USD", None]


def test_numbers_are_exact(house: House) -> None:
    for score, ratio, rate in ((1, "0.001", "0.1"), (2, "0.002", "0.2"), (2, None, "0.3333")):
        house.lead(score=score, ratio=ratio, rate=rate)
    house.sync()
    answer = house.answer(house.admin, {"measures": [
        {"op": "avg", "field": "score"}, {"op": "sum", "field": "ratio"}, {"op": "avg", "field": "ratio"},
        {"op": "sum", "field": "rate"}, {"op": "count_distinct", "field": "score"}, {"op": "min", "field": "score"}]})
    assert rows(answer) == [("1.67", "0.003", "0.00150", "0.6333", "2", "1")]


def test_nothing_gives_zero_counts_and_no_average(house: House) -> None:
    answer = house.answer(house.admin, {"measures": [
        {"op": "count"}, {"op": "sum", "field": "expected_amount"}, {"op": "avg", "field": "score"},
        {"op": "max", "field": "called_at"}]})
    assert rows(answer) == [("0", "0.00", None, None)]


@pytest.mark.parametrize(("zone", "keys"), [
    ("UTC", ["2026-01-01", "2026-02-01"]), ("Asia/Shanghai", ["2026-02-01"]),
    ("America/New_York", ["2026-01-01"])])
def test_months_begin_where_the_caller_lives(house: House, zone: str, keys: list[str]) -> None:
    house.lead(called_at="2026-01-31T17:00:00Z")
    house.lead(called_at="2026-02-01T02:00:00Z")
    house.sync()
    person = house.user("Reader", objects={"lead": grant("all")}, timezone=zone)
    answer = house.answer(person, {"dimensions": [{"field": "called_at", "bucket": "month"}]})
    assert [row["keys"][0] for row in answer["rows"]] == keys


def test_periods_have_names(house: House) -> None:
    house.lead(visited_on="2026-01-01")
    house.sync()
    named = {bucket: house.answer(house.admin, {"dimensions": [{"field": "visited_on", "bucket": bucket}]})["rows"][0]
             for bucket in ("day", "week", "month", "quarter", "year")}
    assert {bucket: (row["keys"][0], row["labels"][0]) for bucket, row in named.items()} == {
        "day": ("2026-01-01", "2026-01-01"), "week": ("2025-12-29", "2026-W01"), "month": ("2026-01-01", "2026-01"),
        "quarter": ("2026-01-01", "2026 Q1"), "year": ("2026-01-01", "2026")}


def test_labels_come_in_the_language_of_the_caller(house: House) -> None:
    house.lead(region="east", vip=True)
    house.sync()
    person = house.user("王芳", objects={"lead": grant("all")}, locale="zh-CN")
    answer = house.answer(person, {"dimensions": [{"field": "region"}, {"field": "vip"}]})
    assert answer["rows"][0]["labels"] == ["华东", "是"]
    assert [column["label"] for column in answer["columns"]] == ["区域", "vip", "记录数"]


def test_people_departments_and_records_have_their_names(house: House) -> None:
    east = house.department("East")
    seller = house.user("王芳", east, objects={"lead": grant("all"), "customer": grant("all")})
    acme = house.write("POST", "/records/customer", {"name": "ACME"})["id"]
    house.lead(seller, customer_id=acme, partner_id=seller)
    house.sync()
    answer = house.answer(seller, {"dimensions": [{"field": "owner_id"}, {"field": "department_id"},
                                                  {"field": "customer_id"}]})
    assert answer["rows"][0]["labels"] == ["王芳", "East", "ACME"]
    blind = house.user("Blind", east, objects={"lead": grant("all")})
    answer = house.answer(blind, {"dimensions": [{"field": "customer_id"}]})
    assert answer["rows"][0]["labels"] == ["(not visible)"]


def test_titles_of_records_out_of_scope_are_not_told(house: House) -> None:
    acme = house.write("POST", "/records/customer", {"name": "ACME"})["id"]
    house.lead(customer_id=acme)
    house.sync()
    narrow = house.user("Narrow", objects={"lead": grant("all"), "customer": grant("own")})
    assert house.answer(narrow, {"dimensions": [{"field": "customer_id"}]})["rows"][0]["labels"] == ["(not visible)"]


def test_a_record_with_several_choices_stands_in_each_group(house: House) -> None:
    house.lead(tags=["a", "b"])
    house.lead(tags=["b"])
    house.lead()
    house.sync()
    answer = house.answer(house.admin, {"dimensions": [{"field": "tags", "empty": True}]})
    assert rows(answer) == [("a", "1"), ("b", "2"), ("c", "0"), (None, "1")]


def test_choices_without_records_can_be_shown(house: House) -> None:
    house.lead(region="south", expected_amount=money("1"))
    house.sync()
    answer = house.answer(house.admin, {
        "dimensions": [{"field": "region", "empty": True}],
        "measures": [{"op": "count"}, {"op": "sum", "field": "expected_amount"}, {"op": "avg", "field": "score"}]})
    assert rows(answer) == [("east", "0", "0.00", None), ("north", "0", "0.00", None), ("south", "1", "1.00", None)]


def test_groups_can_be_sorted_and_cut(house: House) -> None:
    for region, number in (("east", 1), ("north", 3), ("south", 2)):
        for _ in range(number):
            house.lead(region=region)
    house.sync()
    answer = house.answer(house.admin, {
        "dimensions": [{"field": "region"}], "sort": [{"measure": 0, "dir": "desc"}], "limit": 2})
    assert rows(answer) == [("north", "3"), ("south", "2")]
    assert answer["truncated"] is True
    answer = house.answer(house.admin, {"dimensions": [{"field": "region"}], "sort": [{"dimension": 0, "dir": "desc"}]})
    assert [key for key, _ in rows(answer)] == ["south", "north", "east"]


def test_the_owner_with_most_records_stands_first(house: House) -> None:
    one, two = (house.user(name, objects={"lead": grant("all")}) for name in ("One", "Two"))
    for who in (one, two, two):
        house.lead(who)
    house.sync()
    assert rows(house.answer(one, {"dimensions": [{"field": "owner_id"}]})) == [(two, "2"), (one, "1")]


def test_a_funnel_counts_stages_in_the_order_of_the_choices(house: House) -> None:
    for status, number in (("new", 4), ("working", 2), ("converted", 1)):
        for _ in range(number):
            house.lead(status=status)
    house.sync()
    answer = house.ask(house.admin, "/funnel", {"object": "lead", "field": "status"}).json
    assert [(one["key"], one["count"], one["share"], one["conversion"]) for one in answer["stages"]] == [
        ("new", 4, "1.0000", None), ("working", 2, "0.5000", "0.5000"), ("qualified", 0, "0.0000", "0.0000"),
        ("converted", 1, "0.2500", None)]
    answer = house.ask(house.admin, "/funnel", {"object": "lead", "field": "status", "cumulative": True,
                                                "stages": ["new", "working", "converted"]}).json
    assert [one["count"] for one in answer["stages"]] == [7, 3, 1]
    assert answer["total"] == 7


CRITERIA = [
    None,
    {"field": "region", "op": "eq", "value": "east"},
    {"field": "region", "op": "ne", "value": "east"},
    {"field": "name", "op": "contains", "value": "五"},
    {"field": "note", "op": "contains", "value": "ÉTÉ"},
    {"field": "expected_amount", "op": "gte", "value": "10"},
    {"field": "expected_amount.currency", "op": "eq", "value": "USD"},
    {"field": "tags", "op": "has_any", "value": ["a", "c"]},
    {"field": "tags", "op": "is_empty"},
    {"field": "vip", "op": "ne", "value": True},
    {"field": "score", "op": "between", "value": [1, 3]},
    {"field": "ratio", "op": "in", "value": ["0.5", "1.25"]},
    {"field": "created_at", "op": "on", "value": "today"},
    {"field": "called_at", "op": "older_than", "value": "1d"},
    {"field": "visited_on", "op": "lt", "value": "2026-06-01"},
    {"not": {"any": [{"field": "owner_id", "op": "eq", "value": "$me"}, {"field": "partner_id", "op": "is_set"}]}},
]


def test_numbers_equal_the_lists_for_the_same_criteria(house: House) -> None:
    for number in range(24):
        house.lead(region=(None, "east", "north")[number % 3], note="été" if number % 4 else None, score=number % 6,
                   expected_amount=money(str(number), "USD" if number % 5 == 0 else "CNY"),
                   vip=(number % 2 == 0) or None,
                   tags=["a"] if number % 3 else [], ratio="1.25" if number % 7 else "0.5",
                   called_at=f"2026-0{number % 9 + 1}-01T00:00:00Z", visited_on=f"2026-0{number % 9 + 1}-01")
    house.sync()
    for criteria in CRITERIA:
        page = house.write("POST", "/records/lead/query", {"criteria": criteria, "limit": 200})
        assert house.count(house.admin, criteria) == len(page["items"]), criteria


WRONG = [
    ({"object": "ghost"}, "/object", "unknown_object"),
    ({"object": "lead", "measures": [{"op": "sum", "field": "ghost"}]}, "/measures/0/field", "unknown_field"),
    ({"object": "lead", "measures": [{"op": "sum", "field": "name"}]}, "/measures/0/op", "not_measurable"),
    ({"object": "lead", "measures": [{"op": "sum"}]}, "/measures/0/field", "required"),
    ({"object": "lead", "measures": [{"op": "median"}]}, "/measures/0/op", "not_a_choice"),
    ({"object": "lead", "measures": []}, "/measures", "wrong_length"),
    ({"object": "lead", "dimensions": [{"field": "note"}]}, "/dimensions/0/field", "not_groupable"),
    ({"object": "lead", "dimensions": [{"field": "region", "bucket": "day"}]}, "/dimensions/0/bucket",
     "bucket_needs_date"),
    ({"object": "lead", "dimensions": [{"field": "visited_on", "bucket": "hour"}]}, "/dimensions/0/bucket",
     "not_a_choice"),
    ({"object": "lead", "dimensions": [{"field": "tags"}, {"field": "tags"}]}, "/dimensions", "one_multi_choice"),
    ({"object": "lead", "limit": 2001}, "/limit", "out_of_range"),
    ({"object": "lead", "limit": True}, "/limit", "wrong_type"),
    ({"object": "lead", "sort": [{"measure": 1}]}, "/sort/0/measure", "out_of_range"),
    ({"object": "lead", "sort": [{}]}, "/sort/0", "measure_or_dimension"),
    ({"object": "lead", "criteria": {"field": "ghost", "op": "is_set"}}, "/criteria/field", "criteria.unknown_field"),
    ({"object": "lead", "surprise": 1}, "/surprise", "unknown_field"),
    ({"object": "lead\u0000"}, "/object", "control_characters"),
]


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_a_wrong_question_is_told_where(house: House) -> None:
    for asked, pointer, code in WRONG:
        answer = house.ask(house.admin, "/query", asked)
        assert answer.status_code == 422, (asked, answer.json)
        assert (pointer, code) in [(one["pointer"], one["code"]) for one in answer.json["errors"]]


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_a_question_that_takes_too_long_is_interrupted(house: House) -> None:
    with pytest.raises(TooSlow), house.model.file.reading(0.2) as cursor:
        cursor.execute("SELECT count(*) FROM range(100000000) a, range(1000000) b").fetchall()
    assert house.count(house.admin) == 0
