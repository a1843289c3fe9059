"""What the search index is asked for, to find records that may be like one which is being entered.

Each question is a set of grams that a record must have all of. A telephone, an address or a number is asked for as a
whole. A company is asked for by all grams of its core, by each third of them, so that one typing error leaves a third
that is right, and by the pinyin of its core, so that other characters of the same sound are found. The index is asked
with a limit, so this is quick and may miss what the look through all records finds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from services.customer.model.likeness.kinds import spelled
from services.customer.model.likeness.setup import Setup
from services.customer.model.search.folding import RUNS, fold
from services.customer.model.search.grams import run_grams, word_grams

MOST_QUESTIONS = 16
_PARTS = 3
Grams = tuple[str, ...]


def questions(setup: Setup, forms: Mapping[str, Any], record: Mapping[str, Any]) -> list[Grams]:
    """Sets of grams, the most telling first; each record that is like this one is likely to have all of one set."""
    found: dict[Grams, None] = {}
    for kind, ask in _ASKED.items():
        for name, form in forms.items():
            if setup.fields[name] == kind:
                found.update(dict.fromkeys(tuple(one) for one in ask(form, record[name]) if one))
    names = tuple(f"={form}" for name, form in forms.items() if setup.fields[name] == "name_part")
    if names:
        found[names] = None
    return list(found)[:MOST_QUESTIONS]


def _whole(form: Any, value: Any) -> Iterable[Sequence[str]]:
    return [[f"={form}"]]


def _folded(form: Any, value: Any) -> Iterable[Sequence[str]]:
    return [[f"={fold(str(value))}"]]


def _site(form: Any, value: Any) -> Iterable[Sequence[str]]:
    return [_words(fold(form))]


def _company(form: Any, value: Any) -> Iterable[Sequence[str]]:
    grams = _words(form.core)
    sound = spelled(form.core).replace(" ", "")
    return [grams, *([word_grams(sound)] if sound.isascii() and not form.core.isascii() else []), *_thirds(grams)]


def _words(folded: str) -> list[str]:
    return [gram for word in folded.split(" ") for run in RUNS.findall(word) for gram in run_grams(run)]


def _thirds(grams: Sequence[str]) -> list[Sequence[str]]:
    size = -(-len(grams) // _PARTS)
    return [grams[start:start + size] for start in range(0, len(grams), size)] if len(grams) > 1 else []


_ASKED: Mapping[str, Callable[[Any, Any], Iterable[Sequence[str]]]] = {
    "phone": _whole, "email": _folded, "number": _folded, "company": _company, "website": _site, "person": _whole,
}
