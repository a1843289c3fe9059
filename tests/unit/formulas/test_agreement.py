"""Compiled closures and the plain interpreter agree, on formulas and records that nobody thought of."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from chassis.criteria import Scope
from chassis.formulas import EvaluationError, FormulaError, Schema, compile_formula, field_type
from chassis.formulas.grammar import parse
from chassis.formulas.limits import MAX_SOURCE
from tests.unit.formulas.interpreter import FAILED, Interpreter

KINDS = {"n1": "integer", "n2": "decimal", "n3": "percent", "t1": "text", "t2": "text", "b1": "boolean",
         "b2": "boolean", "d1": "date", "d2": "date", "m1": "datetime", "m2": "datetime"}
SCHEMA = Schema({name: field_type(kind, {}) for name, kind in KINDS.items()})
SCOPE = Scope(datetime(2026, 3, 15, 20, 30, tzinfo=UTC), "Asia/Shanghai")
_LEAVES = {
    "number": ["n1", "n2", "n3", "0", "7", "12.50", "1000"],
    "text": ["t1", "t2", '""', '"a"', '"Ab"', '"客户"', '"x""y"'],
    "boolean": ["b1", "b2", "TRUE", "FALSE"], "date": ["d1", "d2", "TODAY()"], "day": ["d1", "m1", "m2", "TODAY()"],
}
_ANY_KIND = ["IF(<boolean>, <same>, <same>)", "IF(<boolean>, <same>)", "COALESCE(<same>, <same>)",
             "SWITCH(<number>, <number>, <same>, <same>)", "IFERROR(<same>, <same>)"]
_SHAPES = {
    "number": [*_ANY_KIND, "(<number> + <number>)", "(<number> - <number>)", "(<number> * <number>)", "-<number>",
               "(<number> / <number>)", "<number>%", "(<number> ^ 3)", "SUM(<number>, <number>)",
               "MIN(<number>, <number>)",
               "MAX(<number>, <number>)", "COUNT(<text>, <number>)", "ROUND(<number>, 0)", "ROUND(<number>, 2)",
               "LEN(<text>)", "DAYS(<day>, <day>)", "(<day> - <day>)", "YEAR(<day>)", "WEEKDAY(<day>)"],
    "text": [*_ANY_KIND, "(<text> & <text>)", "(<text> & <number>)", "(<boolean> & <day>)", "UPPER(<text>)",
             "LEFT(<text>, <number>)"],
    "boolean": [*_ANY_KIND, *(f"(<number> {sign} <number>)" for sign in ("=", "<>", "<", "<=", ">", ">=")),
                "(<text> = <text>)", "(<text> <> <text>)", "(<day> = <day>)", "(<day> <> <day>)", "(<day> < <day>)",
                "(<day> >= <day>)", "AND(<boolean>, <boolean>)", "OR(<boolean>, <boolean>)", "NOT(<boolean>)",
                "ISBLANK(<number>)", "ISBLANK(<text>)", "ISBLANK(<day>)"],
    "date": [*_ANY_KIND, "(<date> + 40)", "(<date> - 400)"],
    "day": ["(<day> + 1)", "(<day> - 30)"],
}
_GAP = re.compile("<([a-z]+)>")


@st.composite
def formulas(draw: st.DrawFn) -> str:
    """A formula of any kind, at most five levels deep."""
    kind = draw(st.sampled_from(["number", "text", "boolean", "date"]))
    return _written(draw, kind, draw(st.integers(0, 4)))


def _written(draw: st.DrawFn, kind: str, depth: int) -> str:
    if depth == 0:
        return draw(st.sampled_from(_LEAVES[kind]))
    shape = draw(st.sampled_from(_SHAPES[kind] + _LEAVES[kind][:2]))
    return _GAP.sub(lambda gap: _written(draw, kind if gap[1] == "same" else gap[1], depth - 1), shape)


_DAYS = st.dates(date(1990, 1, 1), date(2060, 1, 1))
_VALUES = {
    "integer": st.integers(-10_000, 10_000), "decimal": st.decimals("-99999", "99999", places=2).map(str),
    "percent": st.decimals("-200", "200", places=4).map(str), "text": st.sampled_from(["a", "Ab", "客户 甲", "ß"]),
    "boolean": st.booleans(), "date": _DAYS.map(date.isoformat),
    "datetime": st.integers(631_152_000, 2_840_140_800).map(
        lambda second: datetime.fromtimestamp(second, UTC).isoformat()),
}
RECORDS = st.fixed_dictionaries({name: st.one_of(st.none(), _VALUES[kind]) for name, kind in KINDS.items()})


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(formulas(), RECORDS)
def test_compiled_formulas_agree_with_the_plain_interpreter(source: str, record: dict[str, Any]) -> None:
    assume(len(source) <= MAX_SOURCE)
    formula = compile_formula(source, SCHEMA)
    expected = Interpreter(record, KINDS, SCOPE).value(parse(source))
    try:
        found = formula.evaluate(record, SCOPE)
    except EvaluationError as error:
        event(error.code)
        found = FAILED
    assert (None if found == "" else found) == (None if expected == "" else expected)
    assert type(found) is type(expected) or "" in (found, expected)


@pytest.mark.parametrize("source", ["IF(b1, n1) + 1 / n1", "1 / n1 + IF(b1, n1)", "IF(b1, n1) < 1 / n1"])
def test_an_error_is_an_error_whatever_the_other_side_is(source: str) -> None:
    record = dict.fromkeys(KINDS) | {"n1": 0, "b1": False}
    with pytest.raises(EvaluationError):
        compile_formula(source, SCHEMA).evaluate(record, SCOPE)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80) | st.text("()+-*/^&%=<>.,\" \n_aAIFSUM019，（）", max_size=120))
def test_any_text_is_read_or_refused(source: str) -> None:
    refused = _refusal(source)
    assert refused is None or 0 <= refused.start <= refused.end <= max(len(source), 1)


def _refusal(source: str) -> FormulaError | None:
    try:
        compile_formula(source, SCHEMA)
    except FormulaError as error:
        return error
    return None
