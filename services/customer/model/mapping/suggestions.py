"""Suggesting a field for each column, by the words of its header.

Every pair of column and field gets a score; the best pairs are taken first, and each field at most once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.customer.model.mapping.synonyms import GROUPS, plain
from services.customer.model.mapping.targets import Target
from services.customer.model.values.links import is_identifier

_SAME, _ANOTHER_NAME, _SYNONYM, _PART = 8, 7, 4, 1
_SHORTEST_PART = 2
_ID_WORDS = frozenset(("id", "编号", "recordid", "记录编号"))


class Suggester:
    """Knows the words of one object's fields; a header that is the very name of another member means that one."""

    def __init__(self, targets: Iterable[Target], others: Iterable[str] = ()) -> None:
        wanted = [target for target in targets if not target.key_only]
        self._words = [(target.name, _words_of(target)) for target in wanted if not target.part]
        self._groups = [(name, [group for group in GROUPS if not group.isdisjoint(words)])
                        for name, words in self._words]
        self._parts = _names_of_parts(target for target in wanted if target.part)
        self._others = {plain(text) for text in others}

    def suggest(self, headers: Sequence[str]) -> dict[int, str]:
        """Column index → field name, for the columns whose header says something."""
        pairs = []
        for index, header in enumerate(headers):
            word = plain(header)
            least = _ANOTHER_NAME if word in self._others else _PART
            if word:
                pairs += [(-score, index, order, name) for order, (name, score) in enumerate(self._scores(word))
                          if score >= least]
        chosen: dict[int, str] = {}
        for _, index, _, name in sorted(pairs):
            if index not in chosen and name not in chosen.values():
                chosen[index] = name
        return chosen

    def known(self, headers: Sequence[str]) -> int:
        """How many of the headers name a field without doubt; finds the header row."""
        words = {plain(header) for header in headers} - {""}
        return sum(any(score >= _SYNONYM for _, score in self._scores(word)) for word in words)

    def _scores(self, word: str) -> list[tuple[str, int]]:
        own = [(name, _score(word, words, groups))
               for (name, words), (_, groups) in zip(self._words, self._groups, strict=True)]
        return own + [(name, _ANOTHER_NAME) for name in self._parts.get(word, ())]


def remembered(headers: Sequence[str], mapping: Mapping[str, str], targets: Mapping[str, Target]) -> dict[int, str]:
    """The mapping of an earlier import of the same header, as far as its fields may still be written."""
    return {int(index): name for index, name in mapping.items() if name in targets and int(index) < len(headers)}


def id_column(columns: Iterable[Mapping[str, Any]]) -> int | None:
    """The column of an export that holds the ids of records: named so, and full of them."""
    return next((column["index"] for column in columns if plain(column["header"]) in _ID_WORDS
                 and column["samples"] and all(is_identifier(one) for one in column["samples"])), None)


def _words_of(target: Target) -> list[str]:
    words = [*(plain(text) for text in target.label.values()), plain(target.name)]
    return [word for word in dict.fromkeys(words) if word]


def _names_of_parts(targets: Iterable[Target]) -> dict[str, list[str]]:
    """A field of another object is meant only by both of its names, such as `联系人姓名`: word → targets."""
    found: dict[str, list[str]] = {}
    for target in targets:
        for word in _words_of(target):
            found.setdefault(word, []).append(target.name)
    return found


def _score(word: str, words: Sequence[str], groups: Sequence[frozenset[str]]) -> int:
    if word in words:
        return _SAME if word == words[0] else _ANOTHER_NAME
    if any(word in group for group in groups):
        return _SYNONYM
    longer = (one for one in words if len(one) >= _SHORTEST_PART and (one in word or word in one))
    return _PART if len(word) >= _SHORTEST_PART and any(longer) else 0
