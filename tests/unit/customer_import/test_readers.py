"""Cells as people type them become the values they mean, or a precise refusal."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.customer.model.faults import BadValueError
from services.customer.model.mapping.readers import reader_of
from services.customer.model.mapping.targets import Target
from services.customer.model.types import FIELD_TYPES

REGIONS = {"choices": [{"value": "east", "label": {"en": "East", "zh-CN": "华东"}},
                       {"value": "north", "label": {"en": "North", "zh-CN": "华北"}}]}
CNY, USD, JPY = {"currency": "CNY"}, {"currency": "USD"}, {"currency": "JPY"}
EXACT = {"precision": 18, "scale": 2}


def understood(kind: str, cell: Any, options: dict[str, Any] | None = None) -> Any:
    """What a field of this type makes of a cell."""
    read = reader_of(Target("field", kind, {}, options=options or {}), ZoneInfo("Asia/Shanghai"))
    return FIELD_TYPES[kind].coerce(options or {})(read(cell))


def refused(kind: str, cell: Any, options: dict[str, Any] | None = None) -> str:
    """The code with which a cell is refused."""
    with pytest.raises(BadValueError) as caught:
        understood(kind, cell, options)
    return caught.value.code


@pytest.mark.parametrize("cell", [
    "2026-03-01", "2026-3-1", "2026/3/1", "2026/03/01", "2026.3.1", "2026年3月1日", "２０２６／３／１", "20260301",
    " 2026-03-01 ", "2026-03-01 08:30", 20260301.0, 46082.0, "46082",
    date(2026, 3, 1), datetime.fromisoformat("2026-03-01T08:30")])
def test_a_day_is_understood_in_all_its_forms(cell):
    assert understood("date", cell) == "2026-03-01"


@pytest.mark.parametrize(("cell", "code"), [
    ("2026-02-30", "no_such_date"), ("2026/13/05", "no_such_date"), ("3/1/2026", "not_date"), ("明年", "not_date"),
    ("05/03/26", "not_date"), (True, "not_date"), ("", "not_date"), (-5.0, "not_date")])
def test_a_day_that_is_none_or_could_be_two_is_refused(cell, code):
    assert refused("date", cell) == code


@pytest.mark.parametrize(("cell", "moment"), [
    ("2026-03-01 08:30", "2026-03-01T00:30:00.000Z"), ("2026年3月1日 8:30", "2026-03-01T00:30:00.000Z"),
    ("2026-03-01", "2026-02-28T16:00:00.000Z"), ("2026-03-01T08:30:00Z", "2026-03-01T08:30:00.000Z"),
    (datetime.fromisoformat("2026-03-01T08:30"), "2026-03-01T00:30:00.000Z")])
def test_a_moment_without_an_offset_is_the_importers_wall_clock(cell, moment):
    assert understood("datetime", cell) == moment


@pytest.mark.parametrize(("cell", "amount"), [
    ("12000", "12000.00"), ("12,000", "12000.00"), ("12,000.50", "12000.50"), ("12 000", "12000.00"),
    ("¥12,000", "12000.00"), ("￥12,000元", "12000.00"), ("CNY 12000", "12000.00"), ("12000 RMB", "12000.00"),
    ("rmb12000", "12000.00"), ("人民币12000元整", "12000.00"), ("1.2万", "12000.00"), ("1.2 万元", "12000.00"),
    ("3亿", "300000000.00"), ("５００", "500.00"), (0.1 + 0.2, "0.30"), (12000.0, "12000.00"), (7, "7.00"),
    ("(500)", "-500.00"), ("-500", "-500.00"), ("1,0000", "10000.00")])
def test_an_amount_is_understood_with_separators_signs_and_units(cell, amount):
    assert understood("money", cell, CNY) == {"amount": amount, "currency": "CNY"}


@pytest.mark.parametrize(("cell", "options", "currency"), [
    ("$500", CNY, "USD"), ("$500", USD, "USD"), ("500 usd", CNY, "USD"), ("HK$500", CNY, "HKD"), ("¥500", JPY, "JPY"),
    ("¥500", USD, "CNY"), ("500欧元", CNY, "EUR"), ("500", USD, "USD")])
def test_an_amount_says_its_own_currency_or_has_the_fields(cell, options, currency):
    assert understood("money", cell, options) == {"amount": "500.00", "currency": currency}


@pytest.mark.parametrize("cell", ["面议", "约10万", "12,5", "1.234,56", "1.2.3", "USD 5 CNY", "", ".", "--5", True,
                                  date(2026, 3, 1)])
def test_an_amount_that_could_mean_something_else_is_refused(cell):
    assert refused("money", cell, CNY) == "not_number"


def test_an_amount_out_of_its_limits_is_refused_with_the_reason():
    assert refused("money", "-5", CNY | {"min": "0"}) == "too_small"
    assert refused("money", "9" * 20, CNY) == "number_too_big"
    assert refused("money", "1.005", CNY) == "too_many_decimals"


@pytest.mark.parametrize(("kind", "cell", "value"), [
    ("integer", "1,200", 1200), ("integer", 12.0, 12), ("integer", "3万", 30000), ("integer", "１２", 12),
    ("decimal", "1,234.50", "1234.50"), ("percent", "12.5%", "12.5000"), ("percent", "１２％", "12.0000")])
def test_numbers_are_understood(kind, cell, value):
    assert understood(kind, cell, EXACT if kind == "decimal" else {}) == value


def test_a_broken_number_is_no_whole_one():
    assert refused("integer", 12.5) == "not_integer"
    assert refused("integer", "许多") == "not_number"


@pytest.mark.parametrize("cell", [
    "13800138000", "138 0013 8000", "138-0013-8000", "+86 138 0013 8000", "008613800138000", "86 13800138000",
    "（+86）13800138000", "１３８００１３８０００", 13800138000.0, "'13800138000"])
def test_a_telephone_number_has_one_form(cell):
    assert understood("phone", cell, {"country": "CN"}) == "+8613800138000"


def test_landlines_and_foreign_numbers_are_telephone_numbers():
    assert understood("phone", "010-6278 9999", {"country": "CN"}) == "+861062789999"
    assert understood("phone", "+1 650 253 0000", {"country": "CN"}) == "+16502530000"


@pytest.mark.parametrize("cell", ["12345", "电话不详", "138-0013", "13800138000013800", "13800138000/13900139000"])
def test_what_is_no_telephone_number_is_refused(cell):
    assert refused("phone", cell, {"country": "CN"}) == "bad_phone"


@pytest.mark.parametrize("cell", ["华东", "East", "EAST", "east", " 华东 ", "ＥＡＳＴ", "\u3000华东\u200b"])
def test_a_choice_is_known_by_value_and_by_label_in_both_languages(cell):
    assert understood("choice", cell, REGIONS) == "east"


def test_what_is_no_choice_is_refused():
    assert refused("choice", "火星", REGIONS) == "not_a_choice"
    assert refused("multi_choice", "华东，火星", REGIONS) == "not_a_choice"


@pytest.mark.parametrize("cell", ["华东、华北", "East, North", "north;east", "华北|华东\n华东"])
def test_several_choices_may_be_separated_in_any_usual_way(cell):
    assert understood("multi_choice", cell, REGIONS) == ["east", "north"]


@pytest.mark.parametrize(("cell", "value"), [
    ("是", True), ("Yes", True), ("Ｙ", True), ("TRUE", True), (1.0, True), (True, True), ("√", True),
    ("否", False), ("no", False), ("0", False), (False, False)])
def test_yes_and_no_are_understood_in_both_languages(cell, value):
    assert understood("boolean", cell) is value


def test_perhaps_is_neither_yes_nor_no():
    assert refused("boolean", "也许") == "not_boolean"


@pytest.mark.parametrize(("kind", "cell", "value"), [
    ("text", " 张\n三 ", "张 三"), ("text", "\u3000李四\u200b", "李四"), ("text", 13.0, "13"), ("text", True, "True"),
    ("text", date(2026, 3, 1), "2026-03-01"), ("long_text", "第一行\r\n第二行", "第一行\n第二行"),
    ("email", "Ａｎｎａ＠Example.com", "Anna@example.com"), ("email", "mailto:a@b.cn", "a@b.cn"),
    ("url", "www.example.com", "https://www.example.com"), ("region", "浙江省 > 杭州市", "浙江省/杭州市"),
    ("region", "浙江省／杭州市", "浙江省/杭州市")])
def test_words_lose_what_nobody_meant(kind, cell, value):
    assert understood(kind, cell, {"max_length": 100}) == value


def test_control_characters_in_a_name_are_refused_and_not_removed():
    assert refused("text", "王\x07芳", {"max_length": 100}) == "control_characters"
    assert refused("long_text", "a\x08", {"max_length": 100}) == "control_characters"
