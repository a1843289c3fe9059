"""Random questions about the leads of the world."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

from tests.integration.report.world import CRITERIA, KINDS


def random_question(dice: random.Random) -> dict[str, Any]:
    """A question about leads; some of the time one that somebody may not ask."""
    names = dice.sample([name for name, kind in KINDS.items() if kind != "money"], dice.choice([0, 1, 1, 2]))
    if {"tags"} < set(names) and dice.random() < 0.5:
        names = ["tags"]
    dimensions = [_dimension(dice, name) for name in names]
    asked: dict[str, Any] = {"dimensions": dimensions, "limit": 2000}
    times = [one["field"] for one in dimensions if "bucket" in one]
    if dice.random() < 0.3:
        place = times[0] if times else dice.choice(["visited_on", "called_at", "customer_id.founded_on"])
        asked["period"] = {"field": place, "is": dice.choice(["this_year", "last_month", "this_quarter", "this_month"])}
    comparable = len(times) == 1 or (not times and "period" in asked)
    asked["measures"] = [_measure(dice, comparable, len(times) == 1) for _ in range(dice.randrange(1, 4))]
    if dice.random() < 0.5:
        asked["criteria"] = dice.choice(CRITERIA)
    return asked


def _dimension(dice: random.Random, name: str) -> dict[str, Any]:
    temporal = KINDS[name] in ("date", "datetime")
    return {"field": name, **({"bucket": dice.choice(["week", "month", "quarter", "year"])} if temporal else {})}


def _measure(dice: random.Random, comparable: bool, running: bool) -> dict[str, Any]:
    measure = _term(dice)
    if dice.random() < 0.2:
        measure = {"op": "rate", "part": _term(dice, base=True), "whole": _term(dice, base=True)}
    if comparable and dice.random() < 0.4:
        measure["compare"] = dice.choice(["previous", "year"])
    if running and dice.random() < 0.3 and "count_distinct" not in repr(measure):
        measure["running"] = True
    return measure


def _term(dice: random.Random, base: bool = False) -> dict[str, Any]:
    op = dice.choice(["count", "count", "sum", "avg", "min", "max", "count_distinct"])
    numbers = ["score", "ratio", "rate", "expected_amount", "customer_id.budget"]
    term: dict[str, Any] = {"op": op}
    if op in ("sum", "avg", "min", "max"):
        term["field"] = dice.choice(numbers)
        if KINDS[term["field"]] == "money" and (base or dice.random() < 0.6):
            term["currency"] = "base"
    elif op == "count_distinct":
        term["field"] = dice.choice(["region", "customer_id.name", "score"])
    elif dice.random() < 0.3:
        term["field"] = dice.choice(numbers)
    if dice.random() < 0.4:
        term["criteria"] = dice.choice(CRITERIA)
    return term


def names_of(asked: Any) -> Iterable[str]:
    """Every field that a question speaks of."""
    if isinstance(asked, list):
        for one in asked:
            yield from names_of(one)
    elif isinstance(asked, dict):
        if isinstance(asked.get("field"), str):
            yield asked["field"]
        for one in asked.values():
            yield from names_of(one)
