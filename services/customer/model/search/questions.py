"""What somebody types into the search box, read: ways in which a record may answer it.

A question is words, all of which must be found; digits may be a telephone number as well, which is a way of its own.
Each word has the text that must be there and the grams that an index is asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.customer.model.search import grams
from services.customer.model.search.folding import RUNS, fold, is_wide, sought_digits

MAX_WORDS = 8
_MAX_GRAMS = 24
_PHONE = re.compile(r"[+＋]?[\d\s()（）\-–./]+\Z")
_FEWEST_DIGITS = 4


@dataclass(frozen=True)
class Way:
    """`phrase` is the whole text, `words` must all be found, `grams` are what each hit has (none: anything may)."""

    phrase: str
    words: tuple[str, ...]
    grams: tuple[str, ...]

    @property
    def whole(self) -> tuple[str, ...]:
        """The gram of values that are exactly this."""
        return ("=" + self.phrase,)

    @property
    def beginning(self) -> tuple[str, ...]:
        """The gram of values that begin like this."""
        return ("^" + self.phrase[:2],)


def read_question(text: str) -> tuple[Way, ...]:
    """The ways to answer; none when there is nothing to look for."""
    words = [word for part in text.split() for word in fold(part).split(" ") if word][:MAX_WORDS]
    ways = [Way(fold(text), tuple(words), _grams(words))] if words else []
    digits = sought_digits(text) if _PHONE.match(text.strip()) else ""
    if len(digits) >= _FEWEST_DIGITS:
        ways.append(Way(digits, (digits,), tuple(grams.phone_grams(digits))))
    return tuple(ways)


def _grams(words: list[str]) -> tuple[str, ...]:
    if len(words) == 1 and len(words[0]) == 1:
        return ("^" + words[0],) if is_wide(words[0]) else ()
    found: dict[str, None] = {}
    for word in words:
        found.update(dict.fromkeys(_word_grams(word)))
    return tuple(found)[:_MAX_GRAMS]


def _word_grams(word: str) -> list[str]:
    runs = RUNS.findall(word)
    found: list[str] = []
    for place, run in enumerate(runs):
        if is_wide(run[0]):
            found += grams.run_grams(run)
        elif len(run) > 2:
            found += grams.word_grams(run)
        elif len(run) == 2 and (place or len(runs) == 1):  # before Chinese it may be the end of a longer word
            found.append("^" + run)
    return found
