"""What a value is for likeness: how it is brought into one form, compared, weighed, and which blocks it opens.

`weight` counts when two values agree, `against` when they do not: a company has many telephones, so another number says
little, but another birthday says much. A block is a key that two records must share to be compared at all; nobody
compares a million records with a million.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rapidfuzz.distance import Hamming

from chassis.criteria import address_line
from services.customer.model.likeness.companies import alike_cores, company
from services.customer.model.likeness.texts import alike
from services.customer.model.search.folding import fold, fold_phone
from services.customer.model.search.pinyin import spellings

SAME, SAME_CORE, OTHER_PLACE, SIMILAR, SOUNDS_ALIKE, SWAPPED, DIFFERENT = (
    "same", "same_core", "other_place", "similar", "sounds_alike", "swapped", "different")
Verdict = tuple[float, str]
_SIMILAR = 0.85
_NOT_A_DIGIT_OR_LETTER = re.compile(r"[\W_]+")
_CODES = str.maketrans({letter: digit for letters, digit in (
    ("bfpv", "1"), ("cgjkqsxz", "2"), ("dt", "3"), ("l", "4"), ("mn", "5"), ("r", "6")) for letter in letters})


@dataclass(frozen=True)
class Likeness:
    """One kind of value."""

    weight: float
    against: float
    form: Callable[[Any], Any]
    compare: Callable[[Any, Any], Verdict]
    blocks: Callable[[Any], Iterable[str]]


def _text(value: Any) -> str:
    return fold(address_line(value) if isinstance(value, dict) else str(value))


def _compact(value: Any) -> str:
    return _NOT_A_DIGIT_OR_LETTER.sub("", _text(value))


def _email(value: Any) -> str:
    return str(value).lower()


def _site(value: Any) -> str:
    """The host of a web address without www."""
    return str(value).lower().partition("://")[2].partition("/")[0].removeprefix("www.")


def _compare_texts(one: str, other: str) -> Verdict:
    if one == other:
        return 1.0, SAME
    share = alike(one, other)
    return share, SIMILAR if share >= _SIMILAR else DIFFERENT


def _compare_people(one: str, other: str) -> Verdict:
    """Names of people: equal, in another order, or spelled another way."""
    share, reason = _compare_texts(one, other)
    if reason == DIFFERENT and sorted(one.split()) == sorted(other.split()):
        return 0.97, SWAPPED
    if reason == DIFFERENT and spelled(one) == spelled(other):
        return 0.9, SOUNDS_ALIKE
    return share, reason


def _compare_companies(one: Any, other: Any) -> Verdict:
    if one.whole == other.whole:
        return 1.0, SAME
    elsewhere = bool(one.places and other.places and not one.places & other.places)
    if one.core == other.core:
        return (0.7, OTHER_PLACE) if elsewhere else (0.97, SAME_CORE)
    if spelled(one.core) == spelled(other.core):
        return (0.6, OTHER_PLACE) if elsewhere else (0.9, SOUNDS_ALIKE)
    share = 0.0 if elsewhere else alike_cores(one.core, other.core)
    return (share, SIMILAR) if share >= _SIMILAR else (0.0, DIFFERENT)


def _compare_codes(one: str, other: str) -> Verdict:
    """Numbers and dates: one wrong or two exchanged digits are a slip, more is another number."""
    if one == other:
        return 1.0, SAME
    if len(one) != len(other) or len(one) <= 4 or Hamming.distance(one, other) > 2:
        return 0.0, DIFFERENT
    wrong = [place for place, digit in enumerate(one) if digit != other[place]]
    slip = len(wrong) == 1 or (wrong[1] == wrong[0] + 1 and one[wrong[0]] == other[wrong[1]]
                               and one[wrong[1]] == other[wrong[0]])
    return (0.9, SIMILAR) if slip else (0.0, DIFFERENT)


def _compare_exactly(one: str, other: str) -> Verdict:
    return (1.0, SAME) if one == other else (0.0, DIFFERENT)


@lru_cache(maxsize=20_000)
def spelled(folded: str) -> str:
    """Folded text in the first of its pinyin spellings; as it is without Chinese."""
    found = spellings(folded)
    return "".join(found[0]) if found else folded


def _sound(folded: str) -> str:
    """How a name sounds, roughly: the codes of Soundex over all of its letters."""
    letters = spelled(folded).replace(" ", "")
    return letters[:1] + re.sub(r"(.)\1+", r"\1", letters[1:].translate(_CODES)).translate(
        str.maketrans("", "", "aeiouyhw"))[:4]


def _person_blocks(folded: str) -> Iterable[str]:
    return ["p" + " ".join(sorted(map(_sound, folded.split(" "))))]


def _company_blocks(value: Any) -> Iterable[str]:
    words = value.core.split(" ")
    found = {"c" + value.core[:3], "e" + value.core[-3:], "y" + spelled(value.core).replace(" ", "")[:12]}
    if len(words) > 1:  # a slip in the first word, or in one of the others
        found |= {"r" + " ".join(words[1:]), "s" + " ".join(map(_sound, words[:2]))}
    return found


def _whole(value: str) -> Iterable[str]:
    return ["w" + value] if len(value) > 3 else []


def _nothing(value: Any) -> Iterable[str]:
    return ()


KINDS: Mapping[str, Likeness] = {
    "company": Likeness(6, 6, company, _compare_companies, _company_blocks),
    "person": Likeness(4, 4, _text, _compare_people, _person_blocks),
    "name_part": Likeness(2.5, 2, _text, _compare_people, _person_blocks),
    "phone": Likeness(4, 1, fold_phone, _compare_codes, _whole),
    "email": Likeness(4, 1, _email, _compare_texts, _whole),
    "website": Likeness(3, 1, _site, _compare_exactly, _whole),
    "number": Likeness(5, 2.5, _compact, _compare_codes, _whole),
    "birthday": Likeness(4, 2.5, _compact, _compare_codes, _whole),
    "place": Likeness(1.2, 0.5, _text, _compare_texts, _nothing),
    "exact": Likeness(1, 0.5, str, _compare_exactly, _nothing),
}
NAME_PART = KINDS["name_part"]
