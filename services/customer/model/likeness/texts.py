"""How alike two short texts are, from 0 to 1."""

from __future__ import annotations

from rapidfuzz.distance import Jaro

_PREFIX, _PREFIX_SHARE = 4, 0.1
_SHORT = 32


def alike(one: str, other: str) -> float:
    """Jaro and Winkler for what is short; for longer texts the share of common pairs of letters (Dice)."""
    if one == other:
        return 1.0
    if not one or not other:
        return 0.0
    return jaro_winkler(one, other) if max(len(one), len(other)) <= _SHORT else dice(one, other)


def jaro_winkler(one: str, other: str) -> float:
    """The measure of Winkler (1990): common letters near each other, transpositions, a common beginning."""
    plain = Jaro.similarity(one, other)
    common = 0
    for left, right in zip(one[:_PREFIX], other[:_PREFIX], strict=False):
        if left != right:
            break
        common += 1
    return plain + common * _PREFIX_SHARE * (1 - plain)


def dice(one: str, other: str) -> float:
    """Twice the common pairs of neighbouring letters by the number of all."""
    left, right = ({text[place:place + 2] for place in range(len(text) - 1)} for text in (one, other))
    return 2 * len(left & right) / (len(left) + len(right)) if left or right else 0.0
