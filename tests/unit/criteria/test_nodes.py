"""Combining criteria, and what can be known of one without judging anything."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.criteria import (
    AllOf,
    Criterion,
    Field,
    all_of,
    clauses,
    decode_multi,
    encode_multi,
    fields_used,
    parse,
    selective_equality,
)

ONE_ID = "0190f3a0-0000-7000-8000-000000000001"
FIELDS = {
    field.name: field
    for field in (
        Field("name", "text"),
        Field("level", "choice"),
        Field("active", "boolean"),
        Field("count", "integer"),
        Field("budget", "money"),
        Field("owner_id", "user"),
        Field("department_id", "department"),
    )
}


def read(written: dict[str, Any]) -> Criterion:
    return parse(written, FIELDS, rules=True)


def equal(field: str, value: Any) -> dict[str, Any]:
    return {"field": field, "op": "eq", "value": value}


def test_all_of_flattens_and_keeps_order() -> None:
    one, two, either = (
        read(equal("name", "a")),
        read(equal("level", "b")),
        read({"any": [equal("name", "a"), equal("name", "b")]}),
    )
    assert all_of(one) == one
    assert all_of(all_of(one, two), either) == AllOf((one, two, either))
    assert all_of() == AllOf(())


def test_fields_used_are_members_of_the_record() -> None:
    written = [
        equal("budget.amount", 1),
        {"not": equal("owner.department", ONE_ID)},
        {"any": [equal("name", "a"), {"field": "level", "op": "changed"}]},
    ]
    criterion = read({"all": written})
    assert fields_used(criterion) == {"budget", "department_id", "name", "level"}
    assert [clause.op for clause in clauses(criterion)] == ["eq", "eq", "eq", "changed"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (equal("level", "a"), ("level", "a")),
        ({"all": [equal("active", True), equal("name", "n"), equal("level", "a")]}, ("level", "a")),
        ({"all": [equal("active", True), {"all": [equal("owner_id", ONE_ID)]}]}, ("owner_id", ONE_ID)),
        ({"field": "level", "op": "in", "value": ["a"]}, ("level", "a")),
        ({"field": "level", "op": "changed_to", "value": "a"}, ("level", "a")),
        (equal("owner.department", ONE_ID), ("department_id", ONE_ID)),
        (equal("active", False), ("active", False)),
        (equal("owner_id", "$me"), None),
        (equal("count", 1), None),
        (equal("budget.currency", "CNY"), None),
        ({"field": "level", "op": "in", "value": ["a", "b"]}, None),
        ({"field": "level", "op": "ne", "value": "a"}, None),
        ({"not": equal("level", "a")}, None),
        ({"any": [equal("level", "a"), equal("level", "b")]}, None),
        ({"all": []}, None),
    ],
)
def test_selective_equality_is_what_every_match_must_have(written: dict[str, Any], expected: Any) -> None:
    assert selective_equality(read(written)) == expected


@pytest.mark.parametrize(
    ("choices", "stored"), [(["a", "b_c"], "|a|b_c|"), (["a", "a"], "|a|"), ([], None), (None, None)]
)
def test_several_choices_are_one_text(choices: list[str] | None, stored: str | None) -> None:
    assert encode_multi(choices) == stored
    assert decode_multi(stored) == list(dict.fromkeys(choices or []))
