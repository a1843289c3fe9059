"""Rules and changes by dice: an object of its own, so nothing that is shipped acts on its records."""

from __future__ import annotations

import random
from typing import Any

OBJECT = "ledger_item"
STAGES, KINDS = ("new", "offer", "won", "lost"), ("a", "b", "c", "d", "e")
WORDS = ("pump", "Valve", "seal", "泵", "阀门")
WRITTEN = ("stage", "kind", "amount", "words", "urgent")  # by people; rules write the mark alone
_CHOICES = {"stage": STAGES, "kind": KINDS}


def the_object() -> dict[str, Any]:
    """The definition of the records."""
    def field(name: str, type: str, **options: Any) -> dict[str, Any]:
        return {"name": name, "type": type, "label": {"en": name.title()}, "options": options}

    def choice(name: str) -> dict[str, Any]:
        return field(name, "choice", choices=[{"value": one, "label": {"en": one}} for one in _CHOICES[name]])

    return {"name": OBJECT, "label": {"en": "Ledger item"}, "plural": {"en": "Ledger items"}, "title_field": "name",
            "fields": [{**field("name", "text", max_length=100), "required": True}, choice("stage"), choice("kind"),
                       field("amount", "integer", min=0, max=1000), field("words", "text", max_length=100),
                       field("urgent", "boolean"), field("mark", "integer", min=0, max=100_000)]}


def values(dice: random.Random) -> dict[str, Any]:
    """A new record by the fields that people write; some are empty."""
    return {name: _value(name, dice) for name in WRITTEN}


def changed(record: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    """Some fields with other values."""
    names = dice.sample(WRITTEN, dice.randrange(1, 3))
    new = {name: _value(name, dice) for name in names}
    return {name: value for name, value in new.items() if value != record[name]} or {
        "amount": ((record["amount"] or 0) + 1) % 1000}


def _value(name: str, dice: random.Random) -> Any:
    if name == "urgent":
        return dice.random() < 0.4
    if dice.random() < 0.12:
        return None
    if name == "amount":
        return dice.randrange(1000)
    return dice.choice(_CHOICES[name]) if name in _CHOICES else " ".join(dice.sample(WORDS, 2))


def rules(count: int, dice: random.Random) -> dict[str, dict[str, Any]]:
    """So many rules by their names, in the order in which they act."""
    made = {}
    for number in range(count):
        name = f"Ledger {number:04d}"
        made[name] = {"name": {"en": name}, "object": OBJECT, "trigger": _trigger(dice), "criteria": _narrow(dice),
                      "actions": _actions(name, number, dice), "active": True, "position": number + 1}
    return made


def _trigger(dice: random.Random) -> dict[str, Any]:
    on = dice.choice(("created", "changed", "changed", "becomes"))
    return {"on": on, "fields": dice.sample(WRITTEN, dice.randrange(1, 3))} if on == "changed" else {"on": on}


def _narrow(dice: random.Random) -> dict[str, Any]:
    """A condition that few changes meet: rules of companies are about something."""
    amount = dice.randrange(950)
    return {"all": [{"field": "stage", "op": "eq", "value": dice.choice(STAGES)},
                    {"field": "amount", "op": "between", "value": [amount, amount + 120]}, _any(dice)]}


def _any(dice: random.Random) -> dict[str, Any]:
    one = {"any": [_clause(dice) for _ in range(dice.randrange(1, 4))]}
    return {"not": one} if dice.random() < 0.25 else one


def _clause(dice: random.Random) -> dict[str, Any]:
    low = dice.randrange(900)
    return dice.choice([
        {"field": "kind", "op": dice.choice(("eq", "ne", "changed_to", "changed_from")), "value": dice.choice(KINDS)},
        {"field": "kind", "op": dice.choice(("in", "not_in")), "value": dice.sample(KINDS, 2)},
        {"field": "amount", "op": dice.choice(("lt", "lte", "gt", "gte")), "value": low},
        {"field": "words", "op": dice.choice(("contains", "not_contains", "starts_with")),
         "value": dice.choice(WORDS).lower()},
        {"field": dice.choice(WRITTEN[:4]), "op": dice.choice(("is_set", "is_empty", "changed"))},
        {"field": "urgent", "op": dice.choice(("eq", "ne")), "value": dice.random() < 0.5},
    ])


def _actions(name: str, number: int, dice: random.Random) -> list[dict[str, Any]]:
    task = {"type": "create_task", "title": {"en": name}, "assignee": "owner"}
    message = {"type": "notify", "to": "owner", "message": {"en": name}}
    mark = {"type": "set_fields", "values": {"mark": number + 1}}
    return dice.choice([[task], [message], [mark], [task, message], [mark, task]])
