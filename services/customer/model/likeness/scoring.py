"""The score of two records: the share of what speaks for one and the same, and the reason of each field.

A field speaks for it with its weight times how alike the values are, and against it with its other weight times how
unlike they are; a value that one of them lacks says nothing. So the score is between 0 and 1 whatever is filled in, and
a pair counts only when enough speaks for it at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any, NamedTuple

from services.customer.model.erased import is_erased
from services.customer.model.likeness.kinds import DIFFERENT, KINDS, NAME_PART, SWAPPED, Verdict
from services.customer.model.likeness.setup import Setup

ENOUGH = 4.0
_FLOOR = 0.55
SWAP: Verdict = (0.95, SWAPPED)
Forms = Mapping[str, Any]


class Score(NamedTuple):
    """`reasons`: field, what was found, how alike the values are."""

    value: float
    reasons: list[tuple[str, str, float]]


def forms_of(setup: Setup, record: Mapping[str, Any]) -> dict[str, Any]:
    """Field → its value in comparable form, for the fields that have one; none of who was erased."""
    if any(is_erased(record.get(name)) for name in setup.fields):
        return {}
    found = {}
    for name, kind in setup.fields.items():
        value = record.get(name)
        if value not in (None, ""):
            form = KINDS[kind].form(value)
            if form:
                found[name] = form
    return found


def score(setup: Setup, one: Forms, other: Forms, least: float = 0.0) -> Score:
    """The score of two records in comparable form; 0 when too little speaks for it.

    Two that cannot reach `least` any more are not compared to the end: their value is then what they could reach at
    the most, and there are no reasons. A scan compares millions that have two letters in common and nothing else.
    """
    verdicts: dict[str, Verdict] = {}
    speaking = against = 0.0
    steps = [step for step in setup.steps if step[0] in one and step[0] in other]
    best = sum([kind.weight for _, kind in steps])
    swap = None
    for name, kind in steps:
        if kind is NAME_PART and swap is None:  # they come last, and are judged together
            swap = _swapped(setup, one, other)
        verdicts[name] = share, _ = SWAP if swap and name in swap else kind.compare(one[name], other[name])
        net = max(0.0, (share - _FLOOR) / (1 - _FLOOR))
        speaking += kind.weight * net
        against += kind.against * (1 - net)
        best -= kind.weight * (1 - net)
        if best < ENOUGH or best < least * (best + against):
            return Score(best / (best + against) if best >= ENOUGH else 0.0, [])
    return Score(speaking / (speaking + against) if verdicts else 0.0, [
        (name, verdicts[name][1], verdicts[name][0]) for name in setup.fields if name in verdicts])


def _swapped(setup: Setup, one: Forms, other: Forms) -> frozenset[str]:
    """Given name and family name in each other's place count as nearly the same: the fields, none if they are not."""
    parts = [name for name, kind in setup.fields.items() if kind == "name_part" and name in one and name in other]
    for first, second in combinations(parts, 2):
        if _differ(one[first], other[first]) and _differ(one[second], other[second]) and not (
                _differ(one[first], other[second]) or _differ(one[second], other[first])):
            return frozenset((first, second))
    return frozenset()


def _differ(one: str, other: str) -> bool:
    return NAME_PART.compare(one, other)[1] == DIFFERENT


def blocks_of(setup: Setup, forms: Forms) -> set[str]:
    """The keys of a record; it is compared with those that share one."""
    found: set[str] = set()
    names, others = [], []
    for name, form in forms.items():
        kind = setup.fields[name]
        blocks = [f"{kind}:{key}" for key in KINDS[kind].blocks(form)]
        found.update(blocks)
        (names if kind in ("name_part", "person") else others).append((name, kind, form, blocks))
    for _, _, _, keys in names:
        found.update(f"{key}|{form}" for key in keys for _, kind, form, _ in others if kind in ("place", "birthday"))
    for one, other in combinations(sorted(keys[0] for _, _, _, keys in names if keys), 2):
        found.add(f"{one}|{other}")
    return found
