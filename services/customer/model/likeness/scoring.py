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
from services.customer.model.likeness.kinds import DIFFERENT, KINDS, SWAPPED, Verdict
from services.customer.model.likeness.setup import Setup

ENOUGH = 4.0
_FLOOR = 0.55
_SWAP_SHARE = 0.95
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


def score(setup: Setup, one: Forms, other: Forms) -> Score:
    """The score of two records in comparable form; 0 when too little speaks for it."""
    verdicts = {name: KINDS[kind].compare(one[name], other[name]) for name, kind in setup.fields.items()
                if name in one and name in other}
    _look_for_a_swap(setup, one, other, verdicts)
    speaking = against = 0.0
    for name, (share, _) in verdicts.items():
        kind, net = KINDS[setup.fields[name]], max(0.0, (share - _FLOOR) / (1 - _FLOOR))
        speaking += kind.weight * net
        against += kind.against * (1 - net)
    value = speaking / (speaking + against) if speaking >= ENOUGH else 0.0
    return Score(value, [(name, reason, share) for name, (share, reason) in verdicts.items()])


def _look_for_a_swap(setup: Setup, one: Forms, other: Forms, verdicts: dict[str, Verdict]) -> None:
    """Given name and family name in each other's place count as nearly the same."""
    parts = [name for name, kind in setup.fields.items() if kind == "name_part"]
    for first, second in combinations(parts, 2):
        if not all(name in one and name in other for name in (first, second)):
            continue
        if verdicts[first][1] == verdicts[second][1] == DIFFERENT:
            crossed = [KINDS["name_part"].compare(one[first], other[second]),
                       KINDS["name_part"].compare(one[second], other[first])]
            if all(reason != DIFFERENT for _, reason in crossed):
                verdicts[first] = verdicts[second] = (_SWAP_SHARE, SWAPPED)


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
