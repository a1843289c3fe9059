"""Grams: the small pieces of texts by which an index finds them, as 31-bit numbers.

| text | its grams |
|---|---|
| Chinese (kana, hangul) | every two letters beside each other; `^` and the first one and two of a value |
| Latin words, codes, pinyin and its initials | every three letters; `^` and the first two of a word |
| digits of a telephone number | `#` and every four digits |
| a whole value | `=` and the value |
| owner, department | `o` and `d` with the id, so that the index itself keeps to a caller's data scope |

A text contains another only if it has all of the other's grams; the text itself then has the last word. The grams of
two objects are different numbers, so a search in small objects never wades through the largest. The words that nearly
every company's name ends with have no grams, because finding everything is no help.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from zlib import crc32

from services.customer.model.search.folding import RUNS, is_wide

_EVERYWHERE = frozenset(("有限", "限公", "公司", "股份", "份有", "限责", "责任", "任公"))
_LEGAL_FORM = re.compile("(?:股份)?(?:有限)?(?:责任)?公司$")
_LONGEST = 200
_PHONE_GRAM = 4
_SHORT, _REMEMBERED = 5, 30_000


def text_grams(folded: str) -> list[str]:
    """The grams of a folded text."""
    found = ["=" + folded, "^" + folded[:2]]
    if is_wide(folded[0]):
        found.append("^" + folded[:1])
    for word in folded[:_LONGEST].split(" "):
        if word.isascii():
            found.append("^" + word[:2])
            found += word_grams(word)
        else:
            for run in RUNS.findall(word):
                found += run_grams(run)
    return found


def run_grams(run: str) -> list[str]:
    """The grams of letters of one kind of script."""
    if is_wide(run[0]):
        return [gram for place in range(len(run) - 1) if (gram := run[place:place + 2]) not in _EVERYWHERE]
    return ["^" + run[:2], *word_grams(run)]


def word_grams(word: str) -> list[str]:
    """Every three letters."""
    return [word[place:place + 3] for place in range(len(word) - 2)]


def initial_grams(initials: str) -> list[str]:
    """The grams of the initials of a name."""
    return ["=" + initials, "^" + initials[:2], *word_grams(initials[:_LONGEST])]


def phone_grams(digits: str) -> list[str]:
    """Every four digits."""
    return ["#" + digits[place:place + _PHONE_GRAM] for place in range(len(digits) - _PHONE_GRAM + 1)]


def without_legal_form(folded: str) -> str:
    """A company's name without the end that nearly all of them have."""
    return _LEGAL_FORM.sub("", folded) or folded


def owner_gram(owner_id: str) -> str:
    """The gram of records of somebody."""
    return "o" + owner_id


def department_gram(department_id: str) -> str:
    """The gram of records of a department."""
    return "d" + department_id


def tokens(object_name: str, grams: Iterable[str]) -> list[int]:
    """The numbers of grams in an object, each once."""
    known = _numbers(object_name)
    return list({known[gram] for gram in grams})


class _Numbers(dict[str, int]):
    """Gram → its number in one object; short grams come again and again and are remembered, whole values are not."""

    def __init__(self, object_name: str) -> None:
        super().__init__()
        self._seed = crc32(object_name.encode())

    def __missing__(self, gram: str) -> int:
        number = crc32(gram.encode(), self._seed) >> 1
        if len(gram) <= _SHORT and len(self) < _REMEMBERED:
            self[gram] = number
        return number


_numbers = lru_cache(maxsize=16)(_Numbers)
