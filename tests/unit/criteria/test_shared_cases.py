"""The cases that the console's evaluation of criteria shares with ours; the console's test reads the same file."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from chassis.criteria import Field, Scope, parse, to_predicate

CASES = json.loads((Path(__file__).parents[2] / "data" / "criteria" / "cases.json").read_text(encoding="utf-8"))
FIELDS = {one["name"]: Field(one["name"], one["type"], currency=one.get("currency")) for one in CASES["fields"]}
BELOW: dict[str, str] = CASES["scope"]["departments"]
SCOPE = Scope(datetime.fromisoformat(CASES["scope"]["now"]), CASES["scope"]["timezone"], CASES["scope"]["user_id"],
              CASES["scope"]["department_id"], lambda top: [one for one, parent in BELOW.items() if parent == top])


@pytest.mark.parametrize("criterion", CASES["holds"], ids=str)
def test_it_holds(criterion: Any) -> None:
    assert to_predicate(parse(criterion, FIELDS))(CASES["record"], SCOPE)


@pytest.mark.parametrize("criterion", CASES["fails"], ids=str)
def test_it_does_not_hold(criterion: Any) -> None:
    assert not to_predicate(parse(criterion, FIELDS))(CASES["record"], SCOPE)
