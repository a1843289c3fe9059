"""Values that rules write, lengths of time, texts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from chassis.criteria import Scope, parse, to_predicate
from chassis.working_time import Length, read_length
from services.workflow.model.objects import FieldModel, ObjectModel
from services.workflow.model.texts import pick
from services.workflow.model.values import BadValue, check_value, worked_out

CHOICES = {"choices": [{"value": "a", "label": {"en": "A"}}, {"value": "b", "label": {"en": "B"}}]}


def field(type: str, required: bool = False, **options: Any) -> FieldModel:
    return FieldModel("f", type, {"en": "F"}, required, options)


@pytest.mark.parametrize(("known", "value", "kept"), [
    (field("text", max_length=3), "abc", "abc"), (field("long_text"), "a\nb", "a\nb"), (field("text"), None, None),
    (field("integer"), 5, 5), (field("decimal", scale=3), "1.5", "1.500"), (field("decimal"), 2, "2.00"),
    (field("percent"), "12.5", "12.5000"), (field("decimal"), "-0.00", "0.00"),
    (field("money", currency="USD"), {"amount": "5"}, {"amount": "5.00", "currency": "USD"}),
    (field("date"), "$today", "$today"), (field("datetime"), "$now", "$now"),
    (field("datetime"), "2026-01-31T08:00:00+08:00", "2026-01-31T00:00:00.000Z"),
    (field("multi_choice", **CHOICES), ["b", "a", "b"], ["a", "b"]), (field("multi_choice", **CHOICES), [], None),
])
def test_a_good_value_is_kept_in_the_form_of_records(known: FieldModel, value: Any, kept: Any) -> None:
    assert check_value(known, value) == kept


@pytest.mark.parametrize(("known", "value", "code"), [
    (field("text", required=True), None, "required"), (field("text", max_length=3), "abcd", "too_long"),
    (field("text"), "\x00", "control_characters"), (field("text"), 5, "wrong_type"),
    (field("integer"), True, "wrong_type"), (field("integer"), 2**60, "wrong_type"),
    (field("integer", min=1), 0, "out_of_range"), (field("decimal"), "1e5", "wrong_type"),
    (field("decimal"), "9" * 400, "wrong_type"), (field("decimal"), "1.005", "too_many_decimals"),
    (field("decimal"), 1.5, "wrong_type"), (field("decimal", max="2"), "3", "out_of_range"),
    (field("money"), {"amount": "1", "currency": "yuan"}, "not_money"), (field("money"), {"amount": "x"}, "wrong_type"),
    (field("date"), "2026-13-01", "not_a_date"), (field("date"), "$now", "not_a_date"),
    (field("datetime"), "2026-01-31T08:00:00", "not_a_moment"),
    (field("datetime"), "0001-01-01T00:00:00+14:00", "not_a_moment"),
    (field("boolean"), "yes", "wrong_type"), (field("choice", **CHOICES), "c", "not_a_choice"),
    (field("multi_choice", **CHOICES), ["a", 5], "not_a_choice"), (field("reference"), "x", "not_an_id"),
    (field("auto_number"), "A1", "field_not_settable"),
])
def test_a_bad_value_is_refused_with_its_reason(known: FieldModel, value: Any, code: str) -> None:
    with pytest.raises(BadValue) as caught:
        check_value(known, value)
    assert caught.value.code == code


def test_now_and_today_become_what_they_mean() -> None:
    now, today = datetime(2026, 1, 31, 16, 30, tzinfo=UTC), date(2026, 2, 1)
    assert worked_out("$now", now, today) == "2026-01-31T16:30:00.000Z"
    assert worked_out("$today", now, today) == "2026-02-01"
    assert worked_out({"amount": "1"}, now, today) == {"amount": "1"}


@pytest.mark.parametrize(("text", "length"), [
    ("30m", Length(30, "m")), ("24h", Length(24, "h")), ("3d", Length(3, "d")), ("2wd", Length(2, "wd")),
    ("0h", None), ("-1d", None), ("3", None), ("3 d", None), ("99999w", None), (3, None), ("٣d", None), (None, None)])
def test_lengths_of_time_are_read_strictly(text: Any, length: Length | None) -> None:
    assert read_length(text) == length


def test_a_missing_language_is_replaced_by_another() -> None:
    assert pick({"en": "Lead"}, "zh-CN") == "Lead"
    assert pick({"en": "Lead", "zh-CN": "线索"}, "zh-CN") == "线索"
    assert pick(None, "en") == ""


def test_a_calculated_field_is_judged_by_its_result_and_set_by_nobody() -> None:
    options = {"expression": "price * quantity", "result": "money", "currency": "CNY"}
    row = {"name": "total", "type": "formula", "label": {"en": "Total"}, "required": False, "options": options}
    model = ObjectModel({"name": "deal", "version": 1, "fields": [row], "title_field": "total"})
    criterion = parse({"field": "total", "op": "gt", "value": "100"}, model.criteria_fields, rules=True)
    record = {"total": {"amount": "120.00", "currency": "CNY"}}
    assert to_predicate(criterion)(record, Scope(datetime(2026, 1, 1, tzinfo=UTC)))
    for value in (None, {"amount": "1"}):
        with pytest.raises(BadValue) as caught:
            check_value(model.fields["total"], value)
        assert caught.value.code == "field_not_settable"
