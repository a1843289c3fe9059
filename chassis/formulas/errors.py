"""What is wrong with a formula, and where; and what can go wrong while one is worked out."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from chassis.formulas.messages import KINDS, MESSAGES

_LONGEST = 60
_KIND_PARAMS = frozenset({"wanted", "found", "left", "right"})


class FormulaError(ValueError):
    """A formula that cannot be accepted, or a value that cannot be worked out.

    `start` and `end` count characters of the source, `code` is a key of `MESSAGES`, `params` what the sentence
    speaks of; `suggestion` is what may have been meant.
    """

    def __init__(self, code: str, start: int = 0, end: int = 0, suggestion: str | None = None,
                 **params: str | int) -> None:
        super().__init__(f"{code} at {start}")
        self.code, self.start, self.end, self.suggestion, self.params = code, start, end, suggestion, params

    def detail(self, locale: str = "en") -> str:
        """The sentence; other locales than zh-CN get English."""
        said = _sentence(self.code, locale, self.params)
        hint = _sentence("did_you_mean", locale, {"suggestion": self.suggestion}) if self.suggestion else ""
        return f"{said}{'' if locale == 'zh-CN' else ' '}{hint}" if hint else said

    def to_wire(self, source: str, locale: str) -> dict[str, Any]:
        """The error as an editor shows it: with the line and column of its place, counted from 1."""
        before = source[:self.start]
        return {"code": f"formula_{self.code}", "detail": self.detail(locale), "start": self.start, "end": self.end,
                "line": before.count("\n") + 1, "column": self.start - before.rfind("\n"),
                "suggestion": self.suggestion}


class EvaluationError(FormulaError):
    """A value that cannot be worked out: a division by zero, two currencies in one sum, a text that is no number."""


class BudgetError(EvaluationError):
    """Work that grew too large; no `IFERROR` catches it."""


def _sentence(code: str, locale: str, params: dict[str, Any]) -> str:
    """The sentence of a code; parameters that name a kind of value are said in the same language."""
    texts = MESSAGES[code]
    said = {name: _kind(value, locale) if name in _KIND_PARAMS else value for name, value in params.items()}
    return texts.get(locale, texts["en"]).format(**said)


def _kind(value: Any, locale: str) -> Any:
    words = KINDS.get(value)
    return words.get(locale, words["en"]) if words else value


def shown(text: str) -> str:
    """A piece of the source fit for a sentence: short and printable."""
    cut = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    return "".join(letter if letter.isprintable() else "�" for letter in cut)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that looks most like this one, if one does."""
    by_small = {one.lower(): one for one in list(known)[:2_000]}
    found = get_close_matches(word[:_LONGEST].lower(), by_small, n=1, cutoff=0.6)
    return by_small[found[0]] if found else None
