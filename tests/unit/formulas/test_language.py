"""What formulas mean."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from chassis.formulas import FUNCTIONS, EvaluationError, FormulaError, Money, Result, compile_formula
from chassis.formulas.values import Frame, text_of
from tests.unit.formulas.conftest import RECORD, RELATED, SCHEMA, SCOPE


def value_of(source: str, record: dict[str, Any] | None = None, result: Result | None = None) -> Any:
    return compile_formula(source, SCHEMA, result).evaluate({**RECORD, **(record or {})}, SCOPE, RELATED)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_the_example_of_every_function_gives_what_its_page_says(name: str) -> None:
    value = value_of(FUNCTIONS[name].example)
    shown = text_of(value, Frame(RECORD, RELATED, SCOPE))
    assert (f'"{shown}"' if isinstance(value, str) else shown) == FUNCTIONS[name].gives


@pytest.mark.parametrize(("source", "expected"), [
    ("1 + 2 * 3", Decimal(7)), ("(1 + 2) * 3", Decimal(9)), ("-2 ^ 2", Decimal(4)), ("2 ^ 3 ^ 2", Decimal(64)),
    ("10 - 3 - 2", Decimal(5)), ("50%", Decimal("0.5")), ("0.1 + 0.2", Decimal("0.3")), (".5 × 4 ÷ 2", Decimal(1)),
    ("1 / 3 * 3 = 1", False), ("ROUND(1 / 3 * 3, 10) = 1", True), ("ROUND(2.5)", Decimal(3)),
    ("ROUND(-2.5)", Decimal(-3)), ("ROUND(1234.5, -2)", Decimal(1200)), ("MOD(-7, 3)", Decimal(2)),
    ('"a""b" & 1.50', 'a"b1.5'), ("IF（quantity ≥ 3，1，2）", Decimal(1)), ('"A" <> level', False),
    ("price * quantity", Money(Decimal("59.70"), "CNY")), ("price + 0.1", Money(Decimal("20.00"), "CNY")),
    ("price / 2", Money(Decimal("9.95"), "CNY")), ("price / price", Decimal(1)), ("price > 19", True),
    ("MAX(price - price, 0)", Money(Decimal("0.00"), "CNY")), ("MAX(fee, 9)", Money(Decimal(9), "USD")),
    ("price - price + fee", Money(Decimal("5.00"), "USD")), ("fee > price - price", True),
    ("MIN(price - price, fee)", Money(Decimal("0.00"), "CNY")),
    ("-price", Money(Decimal("-19.90"), "CNY")), ("price = MONEY(19.9, \"CNY\")", True),
    ("fee > 1", False), ("fee = price", False), ("fee < price", False),
    ("due - 1", date(2026, 3, 30)), ("due - DATE(2026, 3, 1)", Decimal(30)), ("due > created_at", True),
    ("created_at + 1 > created_at", True), ("DAYS(due, created_at)", Decimal(59)),
    ("DATEADD(DATE(2024, 2, 29), 1, \"years\")", date(2025, 2, 28)),
    ("DATEADD(DATE(2026, 3, 13), 1, \"workdays\")", date(2026, 3, 16)),
    ("DATEADD(DATE(2026, 3, 14), -1, \"workdays\")", date(2026, 3, 13)),
    ("WORKDAYS(DATE(2026, 3, 14), DATE(2026, 3, 15))", Decimal(0)),
    ("WORKDAYS(DATE(2026, 3, 31), DATE(2026, 3, 2))", Decimal(-22)),
    ("DATEDIF(DATE(2024, 2, 29), DATE(2025, 2, 28), \"years\")", Decimal(1)),
    ("HOUR(DATEADD(created_at, 1, \"months\"))", Decimal(16)), ("TEXT(0.125, \"0.0%\")", "12.5%"),
    ("TEXT(due, \"YYYY年M月D日\")", "2026年3月31日"), ("TEXT(7, \"000\")", "007"),
    ("TEXT(-1234.5, \"¥#,##0.00\")", "¥-1,234.50"),
    ("customer.level", "B"), ("customer.parent.city", "上海"), ("customer.parent.level = level", True),
    ("SUM(items.total)", Money(Decimal("350.50"), "CNY")), ("COUNT(items.pieces)", Decimal(1)),
    ("COUNT(items)", Decimal(2)), ("SUM(FILTER(items, NOT(paid)).total) > 200", True),
    ("ANY(items, pieces > quantity)", False), ("COUNT(FILTER(items, total > price))", Decimal(2)),
    ("MAX(FILTER(items, pieces > 9).total)", None), ("SUM(FILTER(items, pieces > 9).total)", Money(Decimal(0), "CNY")),
    ("CONTAINS(tags, \"vip\")", True), ("CONTAINS(name, \"MACH\")", True), ("COUNT(tags)", Decimal(2)),
    ("SWITCH(level, \"B\", 1)", None), ("IFERROR(1 / 0, 7)", Decimal(7)), ("IF(active, due, BLANK)", date(2026, 3, 31)),
])  # fmt: skip
def test_formulas_give(source: str, expected: Any) -> None:
    assert value_of(source) == expected


@pytest.mark.parametrize(("source", "expected"), [
    ("discount + 1", None), ("price * discount", None), ("note & \"!\"", "!"), ("discount > 0", False),
    ("discount = 0", False), ("discount <> 0", True), ("discount = BLANK", True), ("note = \"\"", True),
    ("ISBLANK(note)", True), ("IF(closed_at > created_at, 1, 2)", Decimal(2)), ("NOT(discount > 0)", True),
    ("SUM(discount, 1, BLANK)", Decimal(1)), ("AVERAGE(discount)", None), ("COALESCE(discount, 25%)", Decimal("0.25")),
    ("LEN(note)", None), ("UPPER(note)", None), ("AND(discount > 0, 1 / 0 > 1)", False), ("MIN(BLANK)", None),
    ("closed_at = closed_at", True), ("abroad = BLANK", True), ("abroad <> MONEY(1, \"USD\")", True),
])  # fmt: skip
def test_a_missing_value_means(source: str, expected: Any) -> None:
    assert value_of(source) == expected


@pytest.mark.parametrize(("result", "source", "expected"), [
    (Result("integer"), "2.5", 3), (Result("decimal", {"precision": 18, "scale": 2}), "1 / 3", "0.33"),
    (Result("percent"), "1 / 3", "33.3333"),
    (Result("money", {"currency": "CNY"}), "price * 1.005", {"amount": "20.00", "currency": "CNY"}),
    (Result("money", {"currency": "CNY"}), "quantity * 10", {"amount": "30.00", "currency": "CNY"}),
    (Result("money", {"currency": "CNY", "keep_currency": True}), "fee * 2", {"amount": "10.00", "currency": "USD"}),
    (Result("money", {"currency": "CNY"}), "fee * 0", {"amount": "0.00", "currency": "CNY"}),
    (Result("text"), "amount", "120000"), (Result("text"), "note", None), (Result("date"), "created_at", "2026-01-31"),
    (Result("datetime"), "created_at", "2026-01-31T08:00:00.000Z"), (Result("boolean"), "quantity > 1", True),
    (Result("decimal", {"precision": 18, "scale": 2}), "0 * -1", "0.00"),
])  # fmt: skip
def test_values_come_in_the_wire_form_of_their_field(result: Result, source: str, expected: Any) -> None:
    assert value_of(source, result=result) == expected


@pytest.mark.parametrize(("result", "source", "code"), [
    (Result("decimal", {"precision": 4, "scale": 2}), "123", "number_too_large"),
    (Result("integer"), "10 ^ 20", "number_too_large"),
    (Result("money", {"currency": "CNY"}), "fee", "wrong_currency"),
    (Result("text", {"max_length": 3}), "name", "text_too_long"),
    (Result("choice", {"choices": [{"value": "A"}]}), "customer.level", "no_such_choice"),
    (None, "1 / (quantity - 3)", "division_by_zero"), (None, "SQRT(-quantity)", "no_number"),
    (None, "fee + price", "mixed_currencies"),
    (None, "10 ^ 300", "number_too_large"), (None, "VALUE(name)", "not_a_number"),
    (None, "due + 9999999", "date_out_of_range"),
    (None, "DATEADD(due, 99999, \"years\")", "date_out_of_range"), (None, "DATEVALUE(name)", "not_a_date"),
    (None, "TEXT(1, \"x\")", "bad_format"),
])  # fmt: skip
def test_what_cannot_be_worked_out_says_where_and_becomes_nothing(result: Result | None, source: str,
    code: str) -> None:
    formula = compile_formula(source, SCHEMA, result)
    with pytest.raises(EvaluationError) as found:
        formula.evaluate(RECORD, SCOPE, RELATED)
    assert found.value.code == code
    assert formula.value(RECORD, SCOPE, RELATED) is None


@pytest.mark.parametrize(("source", "code", "place", "suggestion"), [
    ("amont * 2", "unknown_field", (0, 5), "amount"), ("ROND(amount)", "unknown_function", (0, 4), "ROUND"),
    ("customer.lvel", "unknown_field", (9, 13), "level"), ("level = \"a\"", "unknown_choice", (8, 11), "A"),
    ("DATEADD(due, 1, \"month\")", "unknown_word", (16, 23), "months"),
    ("IF(amount, 1, 2)", "wrong_type", (3, 9), None),
    ("1 +", "unexpected_end", (3, 3), None), ("(1 + 2", "missing_bracket", (6, 6), None),
    ("\"abc", "open_text", (0, 4), None),
    ("1 2", "unexpected", (2, 3), None), ("amount.x", "not_a_record", (0, 6), None),
    ("items", "needs_function", (0, 5), None),
    ("price + MONEY(1, \"USD\")", "currencies_differ", (8, 23), None),
    ("IF(active, 1, \"a\")", "types_differ", (14, 17), None),
    ("name + 1", "cannot_calculate", (0, 8), None), ("ROUND()", "too_few_arguments", (0, 7), None),
    ("ABS(1, 2)", "too_many_arguments", (7, 8), None),
    ("SWITCH(1, 2)", "too_few_arguments", (0, 12), None), ("name > 1", "wrong_type", (0, 4), None),
    ("items = 1", "cannot_compare", (0, 5), None),
    ("MATCHES(name, note)", "literal_needed", (14, 18), None), ("MATCHES(name, \"(\")", "bad_pattern", (14, 17), None),
    ("FILTER(items, nothing).total", "unknown_field", (14, 21), None), ("active > TRUE", "wrong_type", (0, 6), None),
])  # fmt: skip
def test_a_mistake_is_told_with_its_place_in_both_languages(source: str, code: str, place: tuple[int, int],
                                                            suggestion: str | None) -> None:
    with pytest.raises(FormulaError) as found:
        compile_formula(source, SCHEMA)
    error = found.value
    assert (error.code, (error.start, error.end), error.suggestion) == (code, place, suggestion)
    assert "{" not in error.detail("en") + error.detail("zh-CN")
    assert error.detail("en") != error.detail("zh-CN")


def test_the_place_of_an_error_is_told_as_line_and_column() -> None:
    source = "IF(active,\n   amont, 1)"
    with pytest.raises(FormulaError) as found:
        compile_formula(source, SCHEMA)
    wire = found.value.to_wire(source, "en")
    assert (wire["line"], wire["column"], wire["code"]) == (2, 4, "formula_unknown_field")


def test_a_formula_knows_what_it_reads() -> None:
    source = "IF(customer.level = level, SUM(FILTER(items, paid).total), DAYS(TODAY(), due) * price)"
    formula = compile_formula(source, SCHEMA)
    assert formula.reads == {("customer", "level"), ("level",), ("items",), ("items", "paid"), ("items", "total"),
                             ("due",), ("price",)}
    assert formula.volatile == {"TODAY"}


def test_a_value_that_no_field_has_is_nothing_and_no_failure() -> None:
    formula = compile_formula("amount * 2 & due", SCHEMA)
    for wrong in ({"amount": "many"}, {"due": "soon"}, {"due": "2026-99-99"}):
        assert formula.value({**RECORD, **wrong}, SCOPE, RELATED) is None


class _Counting(dict[str, Any]):
    """A record that counts how often each field is read."""

    def __init__(self, record: dict[str, Any]) -> None:
        super().__init__(record)
        self.reads: Counter[str] = Counter()

    def get(self, name: str, default: Any = None) -> Any:
        self.reads[name] += 1
        return super().get(name, default)


def test_what_formulas_of_one_record_ask_in_the_same_words_is_found_out_once_and_for_that_record_alone() -> None:
    score, reason = (compile_formula(source, SCHEMA) for source in (
        "IF(amount > 100000, 30, 0)", 'IF(amount > 100000, "large", "small")'))
    large, small = _Counting(RECORD), _Counting({**RECORD, "amount": "5.00"})
    assert [[formula.value(one, SCOPE, RELATED, known) for formula in (score, reason)]
            for one in (large, small) for known in ({},)] == [[Decimal(30), "large"], [Decimal(0), "small"]]
    assert (large.reads["amount"], small.reads["amount"]) == (1, 1)


def test_a_condition_inside_a_list_is_asked_of_each_of_its_records() -> None:
    inner = compile_formula("COUNT(FILTER(items, IF(paid, TRUE, FALSE)))", SCHEMA)
    known: dict[str, Any] = {}
    assert [inner.value(RECORD, SCOPE, RELATED, known) for _ in range(2)] == [Decimal(1), Decimal(1)]
    assert not known
