"""Formats of automatic numbers: what they write, when they begin anew, which are refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.customer.model.faults import BadValueError
from services.customer.model.fields import read_field
from services.customer.model.numbering import number_format, numbering_of

DAY = date(2026, 3, 9)


@pytest.mark.parametrize(("options", "number", "written", "period"), [
    ({"prefix": "L-", "digits": 5}, 7, "L-00007", ""), ({"prefix": "", "digits": 2}, 12345, "12345", ""),
    ({"format": "HT-{YYYY}{MM}-{0000}"}, 1, "HT-202603-0001", "202603"),
    ({"format": "{0000}/{YY}"}, 98765, "98765/26", "2026"), ({"format": "№{000}"}, 7, "№007", ""),
    ({"format": "报价{YYYY}年{00}号"}, 3, "报价2026年03号", "2026")])
def test_a_format_writes_numbers_and_says_when_they_begin_anew(options: Any, number: int, written: str,
                                                              period: str) -> None:
    numbering = numbering_of(options)
    assert (numbering.write(number, DAY), numbering.period(DAY)) == (written, period)


@pytest.mark.parametrize("wrong", [
    "", "HT", "{00}{00}", "{DD}{000}", "{yyyy}{000}", "{000", "000}", "{{000}}", "{}{000}", "{0000000000000}", 7,
    "a\n{000}", "a" * 32 + "{000}"])
def test_what_would_not_give_each_number_once_is_refused(wrong: Any) -> None:
    with pytest.raises(BadValueError) as refused:
        number_format(wrong)
    assert refused.value.code == "bad_number_format"


def test_a_month_without_its_year_is_refused() -> None:
    with pytest.raises(BadValueError) as refused:
        number_format("{MM}-{000}")
    assert refused.value.code == "month_without_year"


def test_a_format_is_an_option_of_the_field_and_none_stays_unsaid() -> None:
    field = read_field({"name": "number", "type": "auto_number", "options": {"format": "A{YYYY}-{000}"}}, 0)
    assert field.options == {"prefix": "", "digits": 6, "format": "A{YYYY}-{000}"}
    assert "format" not in read_field({"name": "number", "type": "auto_number"}, 0).options
