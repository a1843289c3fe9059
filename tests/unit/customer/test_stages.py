"""A choice may be a stage of a pipeline; what it says about that is checked when it is defined."""

from __future__ import annotations

from typing import Any

import pytest

from services.customer.model.faults import InvalidError
from services.customer.model.options import choice_list
from services.customer.model.stages import check_stage

STAGE = {"probability": 30, "tasks": [{"title": {"en": "Call", "zh-CN": "电话"}, "days": 3}],
         "checks": [{"key": "budget", "label": {"en": "Budget known"}}],
         "exit": {"all": [{"field": "amount", "op": "is_set"}]}, "closed": "won"}


def test_a_whole_stage_is_kept_as_it_was_said() -> None:
    assert check_stage(STAGE) == STAGE
    assert choice_list([{"value": "needs", "label": {"en": "Needs"}, "stage": STAGE}])[0]["stage"] == STAGE


def test_a_choice_that_is_no_stage_says_nothing_about_it() -> None:
    assert "stage" not in choice_list([{"value": "a"}])[0]


@pytest.mark.parametrize("change", [
    {"probability": 101}, {"probability": True}, {"tasks": [{"title": {}, "days": 1}]}, {"tasks": "call"},
    {"tasks": [{"title": {"en": "Call"}, "days": -1}]}, {"checks": [{"key": "Budget!", "label": {"en": "x"}}]},
    {"checks": [{"key": "a", "label": {"en": "x"}}] * 2}, {"exit": []}, {"exit": {"all": ["x"]}},
    {"closed": "maybe"}, {"colour": "red"}])
def test_what_is_wrong_in_a_stage_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidError):
        check_stage({**STAGE, **change})


def test_a_condition_without_end_is_refused() -> None:
    deep: dict[str, Any] = {"field": "a", "op": "is_set"}
    for _ in range(20):
        deep = {"not": deep}
    with pytest.raises(InvalidError):
        check_stage({**STAGE, "exit": deep})


def test_a_wrong_stage_is_pointed_at_in_the_choices() -> None:
    with pytest.raises(InvalidError) as refused:
        choice_list([{"value": "a"}, {"value": "b", "stage": {"probability": "high"}}])
    assert [fault.pointer for fault in refused.value.faults] == ["/1/stage/probability"]


@pytest.mark.parametrize(("change", "pointer"), [
    ({"tasks": [{"title": {"en": "Call"}, "days": 1}, {"title": {}, "days": 1}]}, "/tasks/1/title"),
    ({"checks": [{"key": "a b", "label": {"en": "x"}}]}, "/checks/0/key"),
    ({"required": ["amount", "A"]}, "/required/1"), ({"required": ["a"] * 31}, "/required"),
    ({"enter": {"all": "x"}}, "/enter"), ({"colour": "red"}, "/colour"),
    ({"message": {"fr": "non"}}, "/message"), ({"message": {"en": "x" * 501}}, "/message")])
def test_what_is_wrong_in_a_stage_has_its_place(change: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidError) as refused:
        check_stage({**STAGE, **change})
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


def test_what_a_stage_asks_on_entry_is_kept_and_what_is_empty_left_out() -> None:
    entry = {"required": ["amount", "amount"], "enter": {"field": "budget", "op": "is_set"}, "message": {"en": "Ask"}}
    assert check_stage(entry) == {"probability": 0, "tasks": [], "checks": [], **entry, "required": ["amount"]}
    assert check_stage({"required": [], "enter": None, "exit": None, "message": {}, "closed": None}) == {
        "probability": 0, "tasks": [], "checks": []}
