"""The index finds every rule that fires, and looks at few others."""

from __future__ import annotations

import random
from typing import Any

from chassis.clock import utcnow
from chassis.criteria import Change, Scope
from services.workflow.model.compiled import CompiledRule
from services.workflow.model.index import ObjectIndex
from services.workflow.model.objects import ObjectModel
from services.workflow.model.rules import Rule

CHOICES = [{"value": value, "label": {"en": value}} for value in ("a", "b", "c", "d")]
MODEL = ObjectModel({"name": "thing", "version": 1, "label": {"en": "Thing"}, "fields": [
    {"name": "name", "type": "text", "label": {}, "options": {}},
    {"name": "kind", "type": "choice", "label": {}, "options": {"choices": CHOICES}},
    {"name": "size", "type": "integer", "label": {}, "options": {}}]})


def rule(number: int, trigger: dict[str, Any], criteria: dict[str, Any], position: int = 0) -> CompiledRule:
    return CompiledRule(Rule(f"{number:04d}", 1, None, {"en": str(number)}, "thing", trigger, criteria, [], True,
                             position), MODEL, lambda _: None)


def clause(field: str, op: str, value: Any) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


def random_rule(number: int, dice: random.Random) -> CompiledRule:
    trigger = dice.choice([{"on": "created"}, {"on": "changed"}, {"on": "changed", "fields": ["size"]},
                           {"on": "becomes"}])
    parts = [clause("kind", "eq", dice.choice("abcd")), clause("size", "gte", dice.randrange(5)),
             clause("kind", "in", dice.sample("abcd", 2))]
    return rule(number, trigger, {dice.choice(["all", "any"]): dice.sample(parts, dice.randrange(1, 3))},
                dice.randrange(3))


def random_change(dice: random.Random) -> tuple[str, Change]:
    after = {"name": "x", "kind": dice.choice(["a", "b", "c", "d", None]), "size": dice.randrange(5)}
    if dice.random() < 0.3:
        return "created", Change(after, {}, frozenset(after))
    before = {dice.choice(["kind", "size"]): dice.choice([None])}
    return "updated", Change(after, before, frozenset(before))


def fires_without_index(rule: CompiledRule, action: str, change: Change, scope: Scope) -> bool:
    created = action == "created"
    if created and rule.on == "changed":
        return False
    if not created and (rule.on == "created" or (rule.watched is not None and not rule.watched & change.changed)):
        return False
    return rule.fires(change, created, scope)


def test_the_index_misses_no_rule_that_fires_and_names_each_once() -> None:
    dice, scope = random.Random(7), Scope(now=utcnow())
    rules = [random_rule(number, dice) for number in range(60)]
    index = ObjectIndex()
    for one in rules:
        index.add(one)
    for _ in range(300):
        action, change = random_change(dice)
        candidates = index.candidates(action, change.changed, change.after)
        found = [one for one in candidates if one.fires(change, action == "created", scope)]
        wanted = [one for one in rules if fires_without_index(one, action, change, scope)]
        assert sorted(found, key=lambda one: one.order) == sorted(wanted, key=lambda one: one.order)


def test_a_thousand_rules_on_one_field_are_not_all_looked_at() -> None:
    index = ObjectIndex()
    for number in range(1000):
        value = "abcd"[number % 4]
        index.add(rule(number, {"on": "created"}, {"all": [clause("kind", "eq", value), clause("size", "gt", 1)]}))
    assert len(index.candidates("created", (), {"kind": "a", "size": 3})) == 250
    assert index.candidates("created", (), {"kind": None, "size": 3}) == []
    assert index.candidates("created", (), {"kind": ["a"], "size": 3}) == []
    assert index.candidates("updated", {"kind"}, {"kind": "a"}) == []
