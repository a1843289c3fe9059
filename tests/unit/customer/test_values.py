"""Values of every type: what is accepted, its canonical form, and how cells of sheets are read."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.customer.model.faults import BadValueError
from services.customer.model.fields import FieldDef
from services.customer.model.options import read_options
from services.customer.model.types import FIELD_TYPES
from services.customer.model.values import times

ONE = "0190f3a0-0000-7000-8000-00000000000a"
OPTIONS: dict[str, dict[str, Any]] = {
    "choice": {"choices": [{"value": "east", "label": {"en": "East", "zh-CN": "华东"}}, {"value": "b"}]},
    "multi_choice": {"choices": [{"value": "a"}, {"value": "b", "label": {"zh-CN": "乙"}}]},
    "reference": {"object": "customer"}, "reference_list": {"object": "customer", "max_links": 2},
    "decimal": {"precision": 6, "scale": 2}, "formula": {"expression": "1 / 3", "result": "decimal"},
    "rollup": {"object": "deal", "reference": "customer_id", "function": "count"},
    "integer": {"min": -5, "max": 5}, "text": {"max_length": 5},
}


def field(kind: str) -> FieldDef:
    options = read_options(OPTIONS.get(kind, {}), FIELD_TYPES[kind].options)
    return FieldDef("f", kind, {"en": "F"}, options=options, column="f")


def code_of(kind: str, value: Any) -> str:
    with pytest.raises(BadValueError) as caught:
        field(kind).coerce(value)
    return caught.value.code


@pytest.mark.parametrize(("kind", "value", "canonical"), [
    ("text", " a\u0301 ", "á"), ("text", "", None), ("text", "  ", None),
    ("long_text", "a\r\nb\tc", "a\nb\tc"), ("integer", -5, -5),
    ("decimal", "12.5", "12.50"), ("decimal", 12, "12.00"), ("decimal", 0.1, "0.10"), ("decimal", "-0", "0.00"),
    ("money", {"amount": "1"}, {"amount": "1.00", "currency": "CNY"}),
    ("percent", "100", "100.0000"), ("date", "2024-02-29", "2024-02-29"),
    ("datetime", "2026-03-01t08:00:00.123456+08:00", "2026-03-01T00:00:00.123Z"),
    ("multi_choice", ["b", "a", "b"], ["a", "b"]), ("multi_choice", [], None),
    ("phone", "13800138000", "+8613800138000"), ("phone", "(0571) 8888-8888", "+8657188888888"),
    ("phone", "0571-88888888转8", "+8657188888888;ext=8"),
    ("phone", "+1 212 555 0123", "+12125550123"),
    ("email", " A.b@EXAMPLE.com ", "A.b@example.com"), ("url", "HTTP://Example.com/x", "HTTP://Example.com/x"),
    ("region", "浙江省 / 杭州市", "浙江省/杭州市"),
    ("address", {"city": " 杭州市 ", "country": "cn", "street": ""}, {"country": "CN", "city": "杭州市"}),
    ("address", {"street": None}, None), ("reference_list", [], None), ("reference_list", [ONE, ONE.upper()], [ONE]),
])
def test_a_value_has_one_canonical_form(kind: str, value: Any, canonical: Any) -> None:
    assert field(kind).coerce(value) == canonical


@pytest.mark.parametrize(("kind", "value", "code"), [
    ("text", "123456", "too_long"), ("text", "a\nb", "control_characters"), ("text", "\ud800", "control_characters"),
    ("text", "a\x00", "control_characters"), ("integer", 6, "too_large"), ("integer", 5.0, "not_integer"),
    ("decimal", "12345", "number_too_big"), ("decimal", "1.234", "too_many_decimals"),
    ("decimal", float("nan"), "not_number"), ("decimal", float("inf"), "not_number"), ("decimal", "1e3", "not_number"),
    ("decimal", "１２", "not_number"), ("decimal", 10**400, "number_too_big"), ("money", None, "not_money"),
    ("date", "2025-02-29", "no_such_date"), ("date", "2025-13-01", "no_such_date"), ("date", "20250101", "not_date"),
    ("datetime", "9999-12-31T23:59:59-14:00", "no_such_date"), ("datetime", "2025-01-01T25:00:00Z", "no_such_date"),
    ("choice", "East", "not_a_choice"), ("multi_choice", ["a"] * 99, "too_many_values"), ("boolean", 1, "not_boolean"),
    ("phone", "138", "bad_phone"), ("email", "a@b", "bad_email"), ("email", "a b@c.de", "bad_email"),
    ("email", "@" * 60, "bad_email"), ("url", "ftp://x.de", "bad_url"), ("url", "https://", "bad_url"),
    ("money", {"amount": 1, "currency": ["CNY"]}, "unknown_currency"),
    ("address", "杭州市", "not_address"), ("address", {"city": 1}, "not_address"),
    ("address", {"x": "y"}, "not_address"),
    ("address", {"country": "China"}, "too_long"), ("address", {"country": "C1"}, "unknown_country"),
    ("address", {"postal_code": "?"}, "bad_postal_code"), ("address", {"city": "a\nb"}, "control_characters"),
    ("reference_list", ONE, "not_list"), ("reference_list", ["x"], "not_an_id"),
    ("reference_list", [ONE] * 3, "too_many_values"), ("user", "me", "not_an_id"), ("reference", ["x"], "not_an_id"),
])
def test_a_wrong_value_says_why(kind: str, value: Any, code: str) -> None:
    assert code_of(kind, value) == code


@given(st.sampled_from(sorted(FIELD_TYPES)), st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner:
    st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["amount", "currency", "x"]), inner, max_size=3)))
@settings(max_examples=800, deadline=None)
def test_no_value_breaks_a_type_and_canonical_values_stay(kind: str, value: Any) -> None:
    try:
        canonical = field(kind).coerce(value)
    except BadValueError:
        return
    assert canonical is None or field(kind).coerce(canonical) == canonical


@given(st.sampled_from(sorted(FIELD_TYPES)), st.none() | st.booleans() | st.integers() | st.floats() | st.text()
       | st.dates() | st.datetimes())
@settings(max_examples=500, deadline=None)
def test_no_cell_breaks_its_reader(kind: str, value: Any) -> None:
    row = FIELD_TYPES[kind]
    reader = times.moment_cell(ZoneInfo("Asia/Shanghai")) if kind == "datetime" else row.cell(field(kind).options)
    read = reader(value) if value is not None else None
    with suppress(BadValueError):
        field(kind).coerce(read)


@pytest.mark.parametrize(("kind", "cell", "value"), [
    ("text", 12.0, "12"), ("integer", "1,000", 1000), ("integer", 12.0, 12), ("decimal", "１２.5", "12.5"),
    ("money", "¥1,200.50", {"amount": "1200.50", "currency": "CNY"}),
    ("money", "USD 300", {"amount": "300", "currency": "USD"}), ("money", 300, {"amount": 300, "currency": "CNY"}),
    ("percent", "12%", "12"), ("date", "2026/3/1", "2026-03-01"), ("date", "2026年3月1日", "2026-03-01"),
    ("date", 46082.0, "2026-03-01"), ("date", datetime(2026, 3, 1), "2026-03-01"),  # noqa: DTZ001
    ("date", date(2026, 3, 1), "2026-03-01"), ("date", "20260301", "2026-03-01"), ("date", "3 days ago", "3 days ago"),
    ("boolean", "是", True), ("boolean", "No", False), ("boolean", 1.0, True),
    ("choice", "华东", "east"), ("choice", " EAST ", "east"), ("multi_choice", "a、乙", ["a", "b"]),
    ("address", "浙江省/杭州市/西湖区/文三路 1 号",
     {"province": "浙江省", "city": "杭州市", "district": "西湖区", "street": "文三路 1 号"}),
    ("address", "浙江省杭州市西湖区文三路1号 310012",
     {"province": "浙江省", "city": "杭州市", "district": "西湖区", "street": "文三路1号", "postal_code": "310012"}),
    ("address", "北京市朝阳区建国路88号",
     {"province": "北京市", "city": "北京市", "district": "朝阳区", "street": "建国路88号"}),
    ("address", "广西壮族自治区/南宁市", {"province": "广西壮族自治区", "city": "南宁市"}),
    ("address", "US/California/San Francisco/1 Market Street",
     {"country": "US", "province": "California", "city": "San Francisco", "street": "1 Market Street"}),
    ("address", "1 Main Street, Springfield", {"street": "1 Main Street, Springfield"}),
])
def test_cells_are_read_as_people_write_them(kind: str, cell: Any, value: Any) -> None:
    assert FIELD_TYPES[kind].cell(field(kind).options)(cell) == value


def test_a_wall_clock_of_a_cell_belongs_to_its_zone() -> None:
    read = times.moment_cell(ZoneInfo("Asia/Shanghai"))
    assert read("2026/3/1 08:30") == "2026-03-01T00:30:00.000Z"
    assert read(46082.5) == "2026-03-01T04:00:00.000Z"
    assert read("2026-03-01T08:00:00Z") == "2026-03-01T08:00:00Z"
    assert read("tomorrow") == "tomorrow"
