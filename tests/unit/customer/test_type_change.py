"""Values of one type as values of another: what fits, what does not, and that no pair of types is forgotten."""

from __future__ import annotations

from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.customer.model.faults import BadValueError, InvalidError
from services.customer.model.fields import FieldDef, read_field
from services.customer.model.type_change import SOURCES, TARGETS, Place, converter, forgiving, retyped

CHINA = Place("zh-CN", ZoneInfo("Asia/Shanghai"))
CHOICES = {"choices": [{"value": "east", "label": {"en": "East", "zh-CN": "华东"}},
                       {"value": "n", "label": {"en": "North", "zh-CN": "华北"}}]}
OPTIONS: dict[str, dict[str, Any]] = {"choice": CHOICES, "multi_choice": CHOICES}
SAMPLES: dict[str, Any] = {
    "text": "East", "long_text": "one\ntwo", "phone": "+8613800138000", "email": "a@example.com",
    "url": "https://example.com", "region": "浙江省/杭州市", "integer": 12, "decimal": "12.50",
    "money": {"amount": "99.00", "currency": "CNY"}, "percent": "5.0000", "date": "2026-03-01",
    "datetime": "2026-02-28T16:30:00Z", "choice": "east", "multi_choice": ["east", "n"], "boolean": True,
    "auto_number": "L-0001"}


def field(kind: str, **more: Any) -> FieldDef:
    return read_field({"name": "x", "type": kind, "options": OPTIONS.get(kind), **more}, 0)


def converted(source: str, target: str, value: Any, options: dict[str, Any] | None = None) -> Any:
    made = field(target) if options is None else field(target, options=options)
    return converter(field(source), made, CHINA)(value)


@pytest.mark.parametrize(("source", "target", "value", "expected"), [
    ("text", "integer", "1,200", 1200), ("text", "decimal", "1.5万", "15000.00"), ("text", "choice", "华东", "east"),
    ("text", "choice", "NORTH", "n"), ("text", "date", "2026年3月1日", "2026-03-01"), ("text", "boolean", "是", True),
    ("text", "money", "¥1,200", {"amount": "1200.00", "currency": "CNY"}),
    ("text", "phone", "13800138000", "+8613800138000"), ("text", "multi_choice", "East, 华北", ["east", "n"]),
    ("text", "datetime", "2026-03-01 08:00", "2026-03-01T00:00:00.000Z"),
    ("integer", "text", 7, "7"), ("integer", "money", 7, {"amount": "7.00", "currency": "CNY"}),
    ("decimal", "integer", "12.00", 12), ("money", "decimal", {"amount": "9.50", "currency": "USD"}, "9.50"),
    ("money", "text", {"amount": "9.50", "currency": "USD"}, "9.50 USD"), ("boolean", "integer", False, 0),
    ("boolean", "text", True, "是"), ("choice", "text", "east", "华东"), ("choice", "multi_choice", "n", ["n"]),
    ("multi_choice", "choice", ["n"], "n"), ("multi_choice", "text", ["east", "n"], "华东; 华北"),
    ("datetime", "date", "2026-02-28T16:30:00Z", "2026-03-01"),
    ("date", "datetime", "2026-03-01", "2026-02-28T16:00:00.000Z"),
    ("datetime", "text", "2026-02-28T16:30:00Z", "2026-03-01 00:30:00"), ("auto_number", "text", "L-1", "L-1"),
    ("long_text", "text", "one line", "one line"), ("text", "integer", None, None)])
def test_a_value_becomes_what_an_importer_would_read(source: str, target: str, value: Any, expected: Any) -> None:
    assert converted(source, target, value) == expected


@pytest.mark.parametrize(("source", "target", "value"), [
    ("text", "integer", "a few"), ("text", "choice", "South"), ("text", "date", "2026-02-30"),
    ("text", "email", "nobody"), ("decimal", "integer", "12.50"),
    ("multi_choice", "choice", ["east", "n"]), ("integer", "date", 12)])
def test_what_cannot_be_read_does_not_fit_and_becomes_empty(source: str, target: str, value: Any) -> None:
    with pytest.raises(BadValueError):
        converted(source, target, value)
    assert forgiving(converter(field(source), field(target), CHINA))(value) is None


@pytest.mark.parametrize(("source", "target"), list(product(SOURCES, TARGETS)))
def test_every_pair_either_gives_a_value_of_the_new_type_or_refuses(source: str, target: str) -> None:
    made = field(target)
    try:
        value = converter(field(source), made, CHINA)(SAMPLES[source])
    except BadValueError:
        return
    assert value is None or made.coerce(value) == value


def test_a_field_keeps_what_its_new_type_can_have() -> None:
    text = field("text", unique=True, indexed=True, required=True, label={"en": "X"}, help={"en": "why"})
    number = retyped(text, {"type": "integer", "options": {"min": 1}})
    assert (number.unique, number.indexed, number.required, number.help) == (True, True, True, {"en": "why"})
    note = retyped(text, {"type": "long_text"})
    assert (note.unique, note.indexed, note.required) == (False, False, True)
    shorter = retyped(text, {"type": "text", "options": {"max_length": 10}})
    assert shorter.options["max_length"] == 10


@pytest.mark.parametrize(("current", "given", "pointer", "code"), [
    (field("text"), {"type": "text"}, "/type", "same_type"),
    (field("text"), {"type": "formula"}, "/type", "not_one_of"),
    (field("text"), {"type": "choice"}, "/options/choices", "required"),
    (field("file"), {"type": "text"}, "/type", "type_stays"), (field("text"), {"type": 5}, "/type", "not_one_of"),
    (field("text"), {"type": "integer", "options": {"min": 2, "max": 1}}, "/options/max", "max_below_min")])
def test_a_type_that_cannot_be_is_refused_at_its_place(current: FieldDef, given: Any, pointer: str, code: str) -> None:
    with pytest.raises(InvalidError) as refused:
        retyped(current, given)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [(pointer, code)]
