"""What the grammar accepts, what it makes of it, and the error for everything else."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.criteria import KINDS, MESSAGES, OPERATORS, AllOf, Clause, CriteriaError, Field, Not, parse, to_json
from chassis.criteria.fields import FILE_KINDS, LIST_KINDS
from chassis.criteria.nodes import Duration

ONE_ID = "0190f3a0-0000-7000-8000-000000000001"
FIELDS = {kind: Field(kind, kind) for kind in KINDS} | {
    "choice": Field("choice", "choice", choices=("a", "b")),
    "multi_choice": Field("multi_choice", "multi_choice", choices=("a", "b")),
    "money": Field("money", "money", currency="CNY"),
    "department_id": Field("department_id", "department"),
    "secret": Field("secret", "text", readable=False),
    "salary": Field("salary", "money", readable=False),
}


def clause(field: str, op: str, value: Any) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


def error_of(data: Any, **options: Any) -> CriteriaError:
    with pytest.raises(CriteriaError) as caught:
        parse(data, FIELDS, **options)
    return caught.value


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (clause("text", "eq", "投诉 "), "投诉 "),
        (clause("text", "in", ["a", "b", "a"]), ("a", "b")),
        (clause("integer", "eq", "-7"), -7),
        (clause("integer", "in", [1, "1", 2]), (1, 2)),
        (clause("decimal", "lt", "1.500000000"), Decimal("1.500000")),
        (clause("money", "gte", 100000), Decimal("100000.00")),
        (clause("money", "between", ["-0", "1.5"]), (Decimal("0.00"), Decimal("1.50"))),
        (clause("date", "eq", "2024-02-29"), date(2024, 2, 29)),
        (clause("datetime", "lt", "2026-01-31T08:00:00+08:00"), datetime(2026, 1, 31, tzinfo=UTC)),
        (clause("datetime", "lt", "2026-01-31T08:00Z"), datetime(2026, 1, 31, 8, tzinfo=UTC)),
        (clause("datetime", "on", "this_week"), "this_week"),
        (clause("datetime", "gte", "2026-01-31"), date(2026, 1, 31)),
        (clause("datetime", "older_than", "12h"), Duration(12, "h")),
        (clause("boolean", "eq", True), True),
        (clause("user", "eq", "$me"), "$me"),
        (clause("user", "eq", ONE_ID.upper()), ONE_ID),
        (clause("owner.department", "under", "$my_department"), "$my_department"),
        (clause("multi_choice", "has_all", ["a", "b"]), ("a", "b")),
    ],
)
def test_values_become_typed_and_normal(written: dict[str, Any], value: Any) -> None:
    criterion = parse(written, FIELDS)
    assert isinstance(criterion, Clause)
    assert criterion.value == value
    assert str(criterion.value) == str(value)
    assert parse(to_json(criterion), FIELDS) == criterion


def test_connectives_nest_and_come_back_as_json() -> None:
    written = {"all": [{"not": {"any": []}}, {"field": "text", "op": "is_set"}, {"all": []}]}
    criterion = parse(written, FIELDS)
    assert isinstance(criterion, AllOf)
    assert isinstance(criterion.parts[0], Not)
    assert to_json(criterion) == written


@pytest.mark.parametrize(
    ("written", "pointer", "code"),
    [
        (None, "", "expected_object"),
        ([], "", "expected_object"),
        ("text", "", "expected_object"),
        ({}, "", "missing_member"),
        ({"all": {}}, "/all", "expected_list"),
        ({"all": [1]}, "/all/0", "expected_object"),
        ({"not": []}, "/not", "expected_object"),
        ({"all": [], "any": []}, "/any", "unknown_member"),
        ({"all": [], "no/w~": 1}, "/no~1w~0", "unknown_member"),
        ({"field": "text"}, "", "missing_member"),
        ({"field": "text", "op": "eq"}, "", "missing_member"),
        ({"field": "text", "op": "is_set", "value": None}, "/value", "unknown_member"),
        ({"field": "text", "op": "eq", "value": "a", "case": 1}, "/case", "unknown_member"),
        ({"field": 7, "op": "eq", "value": "a"}, "/field", "expected_text"),
        (clause("nothing", "eq", "a"), "/field", "unknown_field"),
        (clause("secret", "eq", 3.5), "/field", "unknown_field"),
        (clause("salary.amount", "eq", 3), "/field", "unknown_field"),
        (clause("money.colour", "eq", 3), "/field", "unknown_field"),
        (clause("text.amount", "eq", 3), "/field", "unknown_field"),
        (clause("text", [], "a"), "/op", "expected_text"),
        (clause("text", "matches", "a"), "/op", "unknown_operator"),
        (clause("text", "lt", "a"), "/op", "operator_not_allowed"),
        (clause("text", "changed_to", "a"), "/op", "only_in_rules"),
        (clause("text", "eq", None), "/value", "expected_text"),
        (clause("text", "eq", ""), "/value", "empty_text"),
        (clause("text", "eq", "x" * 2001), "/value", "text_too_long"),
        (clause("text", "eq", "a\x00"), "/value", "forbidden_character"),
        (clause("text", "eq", "\x1b"), "/value", "forbidden_character"),
        (clause("text", "contains", "\ud83d"), "/value", "forbidden_character"),
        (clause("text", "in", "a"), "/value", "expected_list"),
        (clause("text", "in", []), "/value", "empty_list"),
        (clause("text", "in", ["a"] * 501), "/value", "list_too_long"),
        (clause("text", "in", ["a", {}]), "/value/1", "expected_text"),
        (clause("integer", "eq", 1.0), "/value", "expected_integer"),
        (clause("integer", "eq", True), "/value", "expected_integer"),
        (clause("integer", "eq", "1.5"), "/value", "too_many_decimals"),
        (clause("integer", "eq", 10**5000), "/value", "number_too_large"),
        (clause("integer", "eq", -(10**18)), "/value", "number_too_large"),
        (clause("decimal", "eq", 1.5), "/value", "expected_decimal"),
        (clause("decimal", "eq", float("nan")), "/value", "expected_decimal"),
        (clause("decimal", "eq", "NaN"), "/value", "expected_decimal"),
        (clause("decimal", "eq", "1e5"), "/value", "expected_decimal"),
        (clause("decimal", "eq", "١"), "/value", "expected_decimal"),
        (clause("decimal", "eq", "1\n"), "/value", "expected_decimal"),
        (clause("decimal", "eq", "9" * 5000), "/value", "expected_decimal"),
        (clause("decimal", "eq", "9" * 300), "/value", "number_too_large"),
        (clause("decimal", "eq", "0." + "0" * 60 + "1"), "/value", "too_many_decimals"),
        (clause("money", "eq", "0.001"), "/value", "too_many_decimals"),
        (clause("money", "eq", {"amount": "1", "currency": "CNY"}), "/value", "expected_decimal"),
        (clause("money", "between", ["1"]), "/value", "expected_pair"),
        (clause("money", "between", {"0": 1, "1": 2}), "/value", "expected_pair"),
        (clause("money", "between", ["1", "x"]), "/value/1", "expected_decimal"),
        (clause("date", "eq", 20260131), "/value", "expected_date"),
        (clause("date", "eq", "20260131"), "/value", "expected_date"),
        (clause("date", "eq", "2026-W01-1"), "/value", "expected_date"),
        (clause("date", "eq", "2025-02-29"), "/value", "impossible_date"),
        (clause("date", "eq", "0000-01-01"), "/value", "impossible_date"),
        (clause("date", "eq", "0999-01-01"), "/value", "date_out_of_range"),
        (clause("date", "eq", "9999-01-01"), "/value", "date_out_of_range"),
        (clause("date", "eq", "2026-01-01T00:00:00Z"), "/value", "expected_date"),
        (clause("datetime", "eq", "2026-01-01T00:00:00"), "/value", "expected_datetime"),
        (clause("datetime", "eq", "2026-01-01T00:00:00.1234567Z"), "/value", "expected_datetime"),
        (clause("datetime", "eq", "2026-01-01T24:00:00Z"), "/value", "impossible_date"),
        (clause("datetime", "eq", "2026-01-01T23:59:60Z"), "/value", "impossible_date"),
        (clause("datetime", "eq", "2026-01-01T00:00:00+99:00"), "/value", "impossible_date"),
        (clause("datetime", "eq", "0001-01-01T00:00:00+14:00"), "/value", "date_out_of_range"),
        (clause("datetime", "older_than", 3), "/value", "expected_duration"),
        (clause("datetime", "older_than", "-3d"), "/value", "expected_duration"),
        (clause("datetime", "older_than", "3 months"), "/value", "expected_duration"),
        (clause("datetime", "older_than", "999999999w"), "/value", "duration_too_long"),
        (clause("datetime", "older_than", "36526d"), "/value", "duration_too_long"),
        (clause("date", "older_than", "12h"), "/value", "duration_needs_days"),
        (clause("date", "on", "someday"), "/value", "unknown_period"),
        (clause("date", "on", []), "/value", "unknown_period"),
        (clause("boolean", "eq", 1), "/value", "expected_boolean"),
        (clause("choice", "eq", "c"), "/value", "unknown_choice"),
        (clause("multi_choice", "has", "a|b"), "/value", "unknown_choice"),
        (clause("multi_choice", "has_any", ["a", "c"]), "/value/1", "unknown_choice"),
        (clause("user", "eq", "east"), "/value", "expected_id"),
        (clause("user", "eq", "$my_department"), "/value", "unknown_variable"),
        (clause("reference", "eq", "$me"), "/value", "unknown_variable"),
        (clause("department", "under", [ONE_ID]), "/value", "expected_text"),
    ],
)
def test_wrong_input_names_the_place(written: Any, pointer: str, code: str) -> None:
    error = error_of(written)
    assert (error.pointer, error.code) == (pointer, code)
    assert "{" not in error.detail("en") + error.detail("zh-CN")
    assert error.detail("en") != error.detail("zh-CN")


def test_an_unreadable_field_cannot_be_told_from_a_missing_one() -> None:
    errors = [error_of(clause(name, "no_such_op", object())) for name in ("secret", "absent")]
    assert [(error.pointer, error.code, error.params["field"]) for error in errors] == [
        ("/field", "unknown_field", "secret"),
        ("/field", "unknown_field", "absent"),
    ]


def test_the_pointer_starts_where_the_criterion_stands() -> None:
    written = {"any": [{"not": {"all": [clause("text", "eq", 1)]}}]}
    assert error_of(written, pointer="/criteria").pointer == "/criteria/any/0/not/all/0/value"


def nested(levels: int, kind: str) -> Any:
    data: Any = clause("text", "eq", "a")
    for _ in range(levels - 1):
        data = {"not": data} if kind == "not" else {kind: [data]}
    return data


@pytest.mark.parametrize("kind", ["not", "all", "any"])
def test_eight_levels_are_the_limit_and_a_hundred_thousand_do_no_harm(kind: str) -> None:
    parse(nested(8, kind), FIELDS)
    assert error_of(nested(9, kind)).code == "too_deep"
    assert error_of(nested(100_000, kind)).code == "too_deep"


def test_a_hundred_clauses_are_the_limit() -> None:
    one = clause("text", "eq", "a")
    parse({"all": [one] * 100}, FIELDS)
    assert error_of({"all": [one] * 101}).code == "too_many_clauses"
    assert error_of({"all": [{"any": [one] * 60}, {"any": [one] * 60}]}).code == "too_many_clauses"
    assert error_of({"all": [{"all": []}] * 10_000}).code == "too_many_clauses"
    assert error_of({"all": [{"all": [{"not": one}]}] * 60}).code == "too_many_clauses"


def test_values_of_all_lists_together_are_bounded() -> None:
    long = clause("integer", "in", list(range(500)))
    parse({"all": [long] * 10}, FIELDS)
    assert error_of({"all": [long] * 11}).code == "too_many_values"


def test_hostile_names_leave_a_printable_error() -> None:
    error = error_of({"all": [], "\ud800" + "x" * 10_000: 1})
    json.dumps([error.pointer, error.detail()], ensure_ascii=False).encode()
    assert len(error.pointer) < 200


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_rules_may_ask_what_changed(kind: str) -> None:
    assert parse({"field": kind, "op": "changed"}, FIELDS, rules=True).op == "changed"
    allowed = FIELDS[kind].operators(rules=True) - OPERATORS[kind]
    whole = LIST_KINDS | FILE_KINDS | {"address"}
    assert allowed == ({"changed"} if kind in whole else {"changed", "changed_to", "changed_from"})


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(("all", "any", "not", "field", "op", "value")) | st.text(), inner, max_size=4),
)
_near = st.fixed_dictionaries(
    {
        "field": st.sampled_from((*FIELDS, "money.amount", "money.currency", "owner.department")),
        "op": st.sampled_from(sorted(set().union(*OPERATORS.values(), {"changed", "changed_to"}))),
        "value": _json | st.lists(st.text() | st.integers(), max_size=3) | st.sampled_from(("3d", ONE_ID)),
    }
)


@settings(max_examples=500, deadline=None, database=None)
@given(data=_json | _near, rules=st.booleans())
def test_any_json_gives_a_criterion_or_a_criteria_error(data: Any, rules: bool) -> None:
    try:
        criterion = parse(data, FIELDS, rules=rules)
    except CriteriaError as error:
        f"{error.pointer} {error.detail('zh-CN')}".encode()
    else:
        assert parse(to_json(criterion), FIELDS, rules=rules) == criterion


def test_messages_exist_in_both_languages() -> None:
    assert all(set(texts) == {"en", "zh-CN"} for texts in MESSAGES.values())


def test_a_field_of_no_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no such kind"):
        Field("x", "colour")
