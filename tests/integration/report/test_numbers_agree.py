"""Random questions by five people: reports say what the lists say, and every cell leads to the records it has counted.

`FREEHOLD_REPORT_QUESTIONS=200` asks as many questions of each person; a few are enough for every day.
"""

from __future__ import annotations

import os
import random
from decimal import Decimal
from typing import Any

import pytest

from tests.integration.report.conftest import House
from tests.integration.report.random_questions import names_of, random_question
from tests.integration.report.slow_answer import Reference
from tests.integration.report.world import KINDS, NOW, Eyes, World, make_world

QUESTIONS = int(os.environ.get("FREEHOLD_REPORT_QUESTIONS", "12"))
LEADS = 70 if QUESTIONS > 50 else 40


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The moment that the world is made for."""
    for module in ("chassis.http.criteria", "services.customer.usecases.access"):
        monkeypatch.setattr(f"{module}.utcnow", lambda: NOW)


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_reports_say_what_the_lists_say_to_everybody(house: House, noon: None) -> None:
    world = make_world(house, seed=20261115, leads=LEADS)
    dice = random.Random(7)
    cells = 0
    for _ in range(QUESTIONS):
        asked = random_question(dice)
        for eyes in world.people:
            cells += check(world, eyes, asked, dice)
    assert cells > QUESTIONS * 5


def check(world: World, eyes: Eyes, asked: dict[str, Any], dice: random.Random) -> int:
    """Compare one answer; returns how many cells it had."""
    answer = world.house.ask(eyes.id, "/query", {"object": "lead", **asked})
    if not all(eyes.may(name) for name in names_of(asked)):
        assert answer.status_code == 422, (asked, answer.json)
        return 0
    assert answer.status_code == 200, (asked, answer.json)
    slow = Reference(world, eyes, asked)
    width = len(asked["dimensions"])
    columns = answer.json["columns"][width:]
    found = {keys_of(asked, row["keys"]): row for row in answer.json["rows"]}
    wanted = {()} if not width else set(slow.groups).union(*slow.earlier.values())
    assert set(found) == wanted, asked
    for keys, row in found.items():
        for place, column in enumerate(columns):
            measure = asked["measures"][column["measure"]]
            currency = None if measure.get("currency") == "base" else column["currency"]
            assert row["values"][place] == slow.cell(measure, keys, slow.groups, currency), (asked, keys, column)
            if slow.earlier:
                assert row["before"][place] == slow.before(measure, keys, currency), (asked, keys, column)
    for keys in dice.sample(sorted(found, key=repr), min(2, len(found))):
        drill(world, eyes, asked, slow, found[keys], keys, dice.choice(columns))
    return len(found) * len(columns)


def drill(world: World, eyes: Eyes, asked: dict[str, Any], slow: Reference, row: dict[str, Any], keys: tuple[Any, ...],
          column: dict[str, Any]) -> None:
    """The list behind a cell has just its records."""
    measure, currency = asked["measures"][column["measure"]], column["currency"]
    cell = world.house.ask(eyes.id, "/drill", {"query": {"object": "lead", **asked}, "keys": row["keys"],
                                               "measure": column["measure"], "currency": currency})
    assert cell.status_code == 200, (asked, row, cell.json)
    leads = slow.groups.get(keys, [])
    if measure.get("running") and keys[slow.time or 0] is not None:
        leads = [lead for other, some in slow.groups.items() for lead in some if slow.up_to(other, keys)]
    behind = slow.counted(measure.get("part", measure), leads)
    if currency is not None and measure.get("currency") != "base":
        behind = [one for one in behind if slow.value(one, measure["field"])["currency"] == currency]
    listed = {one["id"] for one in world.ids(eyes, cell.json["object"], cell.json["criteria"])}
    assert listed == {one["id"] for one in behind}, (asked, row["keys"], column, cell.json)


def keys_of(asked: dict[str, Any], keys: list[Any]) -> tuple[Any, ...]:
    """Keys of an answer as the slow one has them."""
    kinds = [KINDS[one["field"]] for one in asked["dimensions"]]
    return tuple(Decimal(key) if key is not None and kind in ("decimal", "percent") else key
                 for key, kind in zip(keys, kinds, strict=True))
