"""The predicate, operator by operator, on hand-written records."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.criteria import Change, Field, Scope, parse, to_predicate

ME, OTHER, EAST, NORTH_EAST, WEST = (f"0190f3a0-0000-7000-8000-00000000000{digit}" for digit in "12345")
FIELDS = {
    field.name: field
    for field in (
        Field("name", "text"),
        Field("level", "choice"),
        Field("tags", "multi_choice"),
        Field("count", "integer"),
        Field("rate", "percent"),
        Field("budget", "money", currency="CNY"),
        Field("due", "date"),
        Field("seen", "datetime"),
        Field("active", "boolean"),
        Field("owner_id", "user"),
        Field("department_id", "department"),
    )
}
RECORD = {
    "name": "Ärzte GmbH 投诉 50%",
    "level": "a",
    "tags": ["red", "blue"],
    "count": 5,
    "rate": "12.50",
    "budget": {"amount": "100000.00", "currency": "CNY"},
    "due": "2026-11-20",
    "seen": "2026-11-21T16:00:00Z",
    "active": False,
    "owner_id": ME,
    "department_id": NORTH_EAST,
}
# Sunday noon in Shanghai.
SCOPE = Scope(
    datetime(2026, 11, 22, 4, 0, tzinfo=UTC),
    "Asia/Shanghai",
    ME,
    EAST,
    lambda department: [NORTH_EAST] if department == EAST else [],
)

HOLDS = [
    ("name", "eq", "Ärzte GmbH 投诉 50%"), ("name", "ne", "ärzte gmbh 投诉 50%"), ("name", "contains", "äRZTE gmbh"),
    ("name", "contains", "投诉"), ("name", "not_contains", "0_"), ("name", "starts_with", "ä"),
    ("name", "in", ["x", "Ärzte GmbH 投诉 50%"]), ("name", "not_in", ["x"]), ("name", "contains", "50%"),
    ("level", "eq", "a"), ("level", "in", ["a", "b"]), ("level", "ne", "b"), ("level", "not_in", ["b"]),
    ("tags", "has", "red"), ("tags", "has_any", ["green", "red"]), ("tags", "has_all", ["blue", "red"]),
    ("tags", "has_none", ["green"]),
    ("count", "eq", "5"), ("count", "between", [5, 6]), ("count", "lt", 6), ("count", "in", [5]),
    ("rate", "eq", "12.5"), ("rate", "gt", "12.499"), ("rate", "lte", 13),
    ("budget", "gte", 100000), ("budget", "eq", "100000"), ("budget.amount", "lt", "100000.01"),
    ("budget.currency", "eq", "CNY"), ("budget.currency", "contains", "cn"),
    ("due", "eq", "2026-11-20"), ("due", "older_than", "1d"), ("due", "within_last", "2d"), ("due", "on", "this_week"),
    ("due", "lt", "2026-11-21"), ("due", "between", ["2026-11-20", "2026-11-20"]), ("due", "on", "this_quarter"),
    ("seen", "on", "today"), ("seen", "gte", "2026-11-22"), ("seen", "eq", "2026-11-22T00:00:00+08:00"),
    ("seen", "eq", "2026-11-22"), ("seen", "within_last", "12h"), ("seen", "older_than", "11h"),
    ("seen", "between", ["2026-11-22", "2026-11-22"]), ("seen", "on", "this_year"),
    ("active", "eq", False), ("active", "ne", True),
    ("owner_id", "eq", "$me"), ("owner_id", "in", [OTHER, "$me"]), ("owner_id", "ne", OTHER),
    ("department_id", "under", "$my_department"), ("owner.department", "under", EAST),
    ("owner.department", "not_in", ["$my_department", WEST]),
]  # fmt: skip
FAILS = [
    ("name", "eq", "ärzte gmbh 投诉 50%"), ("name", "contains", "arzte"), ("name", "starts_with", "gmbh"),
    ("level", "eq", "A"), ("tags", "has", "re"), ("tags", "has_all", ["red", "green"]),
    ("count", "gt", 5), ("budget", "gt", "100000.00"), ("due", "older_than", "2d"), ("due", "within_next", "9d"),
    ("due", "within_last", "1d"), ("due", "on", "yesterday"), ("due", "on", "next_month"),
    ("seen", "lt", "2026-11-22"), ("seen", "gt", "2026-11-22"), ("seen", "older_than", "12h"),
    ("seen", "on", "yesterday"), ("seen", "on", "last_year"), ("seen", "within_next", "1d"),
    ("owner_id", "eq", OTHER), ("department_id", "eq", "$my_department"), ("department_id", "under", WEST),
]  # fmt: skip


def judge(written: dict[str, Any], record: Any = RECORD, scope: Scope = SCOPE, **options: Any) -> bool:
    return to_predicate(parse(written, FIELDS, **options))(record, scope)


@pytest.mark.parametrize(("field", "op", "value"), HOLDS)
def test_clause_holds(field: str, op: str, value: Any) -> None:
    assert judge({"field": field, "op": op, "value": value})


@pytest.mark.parametrize(("field", "op", "value"), FAILS)
def test_clause_fails(field: str, op: str, value: Any) -> None:
    assert not judge({"field": field, "op": op, "value": value})


@pytest.mark.parametrize("record", [{}, dict.fromkeys(RECORD), dict.fromkeys(RECORD, ""), dict.fromkeys(RECORD, ())])
@pytest.mark.parametrize(("field", "op", "value"), HOLDS + FAILS)
def test_a_missing_value_satisfies_only_negative_operators(record: Any, field: str, op: str, value: Any) -> None:
    assert judge({"field": field, "op": op, "value": value}, record) == (op in NEGATIVE)


NEGATIVE = {"ne", "not_in", "not_contains", "has_none"}


@pytest.mark.parametrize("wrong", [7, 1.5, "x", {"amount": {}}, {"amount": "NaN", "currency": "CNY"}, [[]], [{}], True])
@pytest.mark.parametrize("field", sorted(FIELDS))
def test_a_value_of_another_kind_never_raises(field: str, wrong: Any) -> None:
    for name, op, value in HOLDS + FAILS:
        if name.partition(".")[0] == field:
            judge({"field": name, "op": op, "value": value}, {field: wrong})


@pytest.mark.parametrize("field", [*sorted(FIELDS), "budget.amount", "budget.currency", "owner.department"])
def test_presence_means_neither_null_nor_empty(field: str) -> None:
    assert judge({"field": field, "op": "is_set"})
    assert not judge({"field": field, "op": "is_empty"})
    for record in ({}, dict.fromkeys(RECORD), dict.fromkeys(RECORD, ""), {"budget": {"amount": None}, "tags": []}):
        assert judge({"field": field, "op": "is_empty"}, record)


def test_money_of_another_currency_does_not_match_and_ne_is_the_complement() -> None:
    dollars = RECORD | {"budget": {"amount": "100000.00", "currency": "USD"}}
    assert not judge({"field": "budget", "op": "eq", "value": 100000}, dollars)
    assert judge({"field": "budget", "op": "ne", "value": 100000}, dollars)
    assert judge({"field": "budget.amount", "op": "eq", "value": 100000}, dollars)


def test_connectives_are_two_valued() -> None:
    missing = {"field": "count", "op": "gt", "value": 1}
    assert judge({"not": missing}, {})
    assert judge({"any": [missing, {"not": missing}]}, {})
    assert judge({"all": []}, {})
    assert not judge({"any": []}, {})


def test_a_variable_without_a_value_matches_nobody() -> None:
    nobody = Scope(SCOPE.now)
    for op, value, expected in (("eq", "$me", False), ("ne", "$me", True), ("in", ["$me"], False)):
        assert judge({"field": "owner_id", "op": op, "value": value}, RECORD | {"owner_id": None}, nobody) is expected
        assert judge({"field": "owner_id", "op": op, "value": value}, RECORD, nobody) is expected


def test_one_predicate_serves_many_scopes() -> None:
    predicate = to_predicate(parse({"field": "owner_id", "op": "eq", "value": "$me"}, FIELDS))
    scopes = [Scope(SCOPE.now, user_id=user) for user in (ME, OTHER, ME)]
    assert [predicate(RECORD, scope) for scope in scopes] == [True, False, True]


def test_rules_see_what_changed_from_what_to_what() -> None:
    change = Change(RECORD, {"level": "b", "budget": None}, {"level", "budget"})
    assert change.previous == RECORD | {"level": "b", "budget": None}
    asked = [
        ({"field": "level", "op": "changed"}, True),
        ({"field": "name", "op": "changed"}, False),
        ({"field": "level", "op": "changed_to", "value": "a"}, True),
        ({"field": "level", "op": "changed_to", "value": "b"}, False),
        ({"field": "level", "op": "changed_from", "value": "b"}, True),
        ({"field": "level", "op": "changed_from", "value": "a"}, False),
        ({"field": "name", "op": "changed_to", "value": RECORD["name"]}, False),
        ({"field": "budget", "op": "changed_to", "value": "100000"}, True),
        ({"field": "budget.amount", "op": "changed"}, True),
        ({"field": "budget", "op": "changed_from", "value": "100000"}, False),
        ({"all": [{"field": "level", "op": "changed"}, {"field": "name", "op": "contains", "value": "gmbh"}]}, True),
    ]
    for written, expected in asked:
        assert judge(written, change, rules=True) is expected, written
        if written.get("op"):
            assert not judge(written, RECORD, rules=True)
