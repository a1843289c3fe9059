"""Ignoring case, equally on every back end.

Databases and Python disagree on lower case: final sigma, the Turkish dotted I, versions of Unicode, locales.
So the fold is ours: a table from one character to one character, Python's simple lower case without the two
characters whose lower case is longer or plain ASCII (U+0130 and the Kelvin sign), plus final sigma → sigma.
It never depends on neighbours, so "contains" is meaningful for every part of a text. `ß` stays `ß`,
full-width letters fold among themselves, accents stay.

A database need not know the table. A stored text is folded for ASCII, by `lower` in the C locale (one
expression, `lower(column COLLATE "C")`, which an index can serve), and besides that only for those other
letters that the sought text has: they are handed over as parameters of `translate`. SQLite, which lacks
`translate`, calls back to `fold`.
"""

from __future__ import annotations

import string
from collections import defaultdict
from typing import Any

from sqlalchemy import ColumnElement, Text, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

# The blocks of Unicode that hold letters with case, beyond ASCII.
_CASED_BLOCKS = (
    (0x80, 0x3000), (0xA640, 0xAC00), (0xFF21, 0xFF3B), (0x10400, 0x10D00),
    (0x118A0, 0x118C0), (0x16E40, 0x16E60), (0x1E900, 0x1E922),
)  # fmt: skip


def _lower_case_table() -> dict[int, str]:
    table = {}
    for first, after in _CASED_BLOCKS:
        for code in range(first, after):
            lower = chr(code).lower()
            if len(lower) == 1 and ord(lower) != code and not lower.isascii():
                table[code] = lower
    return table | {ord("ς"): "σ"}


_BEYOND_ASCII = _lower_case_table()
_FOLD = _BEYOND_ASCII | dict(zip(range(ord("A"), ord("Z") + 1), string.ascii_lowercase, strict=True))
_VARIANTS: defaultdict[str, str] = defaultdict(str)
for _code, _lower in _BEYOND_ASCII.items():
    _VARIANTS[_lower] += chr(_code)
_CASED = frozenset(_FOLD.values())


def fold(text: str) -> str:
    """The text without regard to case."""
    return text.lower() if text.isascii() else text.translate(_FOLD)


def is_caseless(folded: str) -> bool:
    """Whether no letter of the folded text has another case (Chinese, digits): texts need no folding."""
    return _CASED.isdisjoint(folded)


def folded_for(column: ColumnElement[str], sought: str) -> ColumnElement[str]:
    """The column's text, folded as far as it matters when `sought` (already folded) is looked for in it."""
    letters = "".join(sorted(set(sought)))
    variants = "".join(_VARIANTS.get(letter, "") for letter in letters)
    if not variants:
        return folded_ascii(column)
    lower = "".join(letter * len(_VARIANTS.get(letter, "")) for letter in letters)
    return folded_letters(column, literal(variants, Text()), literal(lower, Text()))


class folded_ascii(FunctionElement[str]):  # noqa: N801 - reads as the SQL function it is
    """The text with A-Z in lower case and all else as it is."""

    type = Text()
    inherit_cache = True


class folded_letters(FunctionElement[str]):  # noqa: N801
    """(text, letters, their lower cases): the text with A-Z and those letters in lower case."""

    type = Text()
    inherit_cache = True


@compiles(folded_ascii)
def _lower_in_c_locale(element: folded_ascii, compiler: Any, **options: Any) -> str:
    return f'lower({compiler.process(element.clauses, **options)} COLLATE "C")'


@compiles(folded_ascii, "sqlite")
def _lower_of_sqlite(element: folded_ascii, compiler: Any, **options: Any) -> str:
    return f"lower({compiler.process(element.clauses, **options)})"


@compiles(folded_ascii, "duckdb")
def _translated_by_duckdb(element: folded_ascii, compiler: Any, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    return f"translate({text}, '{string.ascii_uppercase}', '{string.ascii_lowercase}')"


@compiles(folded_letters)
def _translated(element: folded_letters, compiler: Any, **options: Any) -> str:
    text, letters, lower = element.clauses
    processed = [compiler.process(part, **options) for part in (folded_ascii(text), letters, lower)]
    return f"translate({', '.join(processed)})"


@compiles(folded_letters, "sqlite")
def _folded_by_python(element: folded_letters, compiler: Any, **options: Any) -> str:
    text, *_ = element.clauses
    return f"criteria_fold({compiler.process(text, **options)})"
