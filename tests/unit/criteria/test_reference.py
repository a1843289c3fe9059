"""The reference page cannot fall behind the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from chassis.criteria import KINDS, MESSAGES, OPERATORS
from chassis.criteria.fields import CHANGES
from chassis.criteria.periods import PERIODS

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "criteria.md"
NAMES = {*KINDS, *MESSAGES, *PERIODS, *CHANGES, *(op for kind in KINDS for op in OPERATORS[kind])}


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_kind_operator_period_and_error_is_documented(name: str) -> None:
    assert f"`{name}`" in PAGE.read_text(encoding="utf-8")
