"""The shape of the SQL: usable by indexes, every value bound, the dialects' differences."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table
from sqlalchemy.dialects import postgresql, sqlite

from chassis.criteria import Field, Scope, parse, render_duckdb, to_sql
from chassis.db.types import Exact, Id, PlainText

ONE_ID = "0190f3a0-0000-7000-8000-000000000001"
LEAD = Table(
    "lead",
    MetaData(),
    Column("name", PlainText()),
    Column("count", Integer()),
    Column("budget_amount", Exact(18, 2)),
    Column("budget_currency", PlainText()),
    Column("department_id", Id()),
)
COLUMNS = {
    "name": LEAD.c.name,
    "count": LEAD.c.count,
    "budget.amount": LEAD.c.budget_amount,
    "budget.currency": LEAD.c.budget_currency,
    "department_id": LEAD.c.department_id,
}
FIELDS = {
    field.name: field
    for field in (
        Field("name", "text"),
        Field("count", "integer"),
        Field("budget", "money", currency="CNY"),
        Field("department_id", "department"),
    )
}
SCOPE = Scope(datetime(2026, 11, 22, tzinfo=UTC))


def condition(field: str, op: str, value: Any) -> Any:
    return to_sql(parse({"field": field, "op": op, "value": value}, FIELDS), COLUMNS, SCOPE)


def test_equality_stays_usable_by_an_index() -> None:
    text = str(condition("name", "eq", "a").compile(dialect=sqlite.dialect()))
    assert text == "lead.name IS NOT NULL AND lead.name = ?"


def test_a_negative_operator_is_the_negation_of_the_positive_one() -> None:
    text = str(condition("name", "ne", "a").compile(dialect=sqlite.dialect()))
    assert text == "NOT (lead.name IS NOT NULL AND lead.name = ?)"


def test_text_search_uses_one_expression_that_an_index_can_serve() -> None:
    for sought in ("acme", "投诉"):
        text = str(condition("name", "contains", sought).compile(dialect=postgresql.dialect()))
        assert 'lower(lead.name COLLATE "C") LIKE' in text
        assert "translate" not in text


def test_other_letters_are_translated_only_where_they_are_sought() -> None:
    compiled = condition("name", "starts_with", "Ä50%_!").compile(dialect=postgresql.dialect())
    assert "translate(lower(lead.name" in str(compiled)
    assert sorted(compiled.params.values()) == ["Ä", "ä", "ä50!%!_!!%"]
    assert "criteria_fold(lead.name)" in str(condition("name", "contains", "Ä").compile(dialect=sqlite.dialect()))


def test_duckdb_gets_text_and_values() -> None:
    text, values = render_duckdb(condition("budget", "between", ["1", "2.5"]))
    assert text.count("?") == len(values) == 3
    assert [str(value) for value in values] == ["1.00", "2.50", "CNY"]


def test_the_owners_department_is_the_records_unless_a_column_is_given() -> None:
    text, values = render_duckdb(condition("owner.department", "eq", ONE_ID))
    assert "lead.department_id = ?" in text
    assert values == [ONE_ID]


def test_a_variable_without_a_value_is_never_true() -> None:
    assert str(condition("department_id", "eq", "$my_department").compile(dialect=postgresql.dialect())) == "false"


def test_changes_cannot_be_asked_of_a_table() -> None:
    criterion = parse({"field": "name", "op": "changed"}, FIELDS, rules=True)
    with pytest.raises(ValueError, match="only events know"):
        to_sql(criterion, COLUMNS, SCOPE)
