"""Folding: two texts that people would call the same look the same afterwards.

Width, case, accents, punctuation and traditional characters do not count. Words are separated by one blank, but there
is none beside Chinese, where a blank means nothing. Telephone numbers become digits without the country code of
mainland China, which people leave out.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib import resources

_WORDS = re.compile(r"[^\W_]+")
_WIDE = "\u2e80-\U0003ffff"
RUNS = re.compile(f"[{_WIDE}]+|[^{_WIDE}]+")
_BLANK_BESIDE_WIDE = re.compile(f"(?<=[{_WIDE}]) | (?=[{_WIDE}])")
_NO_DIGIT = re.compile(r"[^0-9]+")
_HOME = "+86"


def fold(text: str) -> str:
    """The text without what does not count; empty when nothing is left."""
    if text.isascii():
        return " ".join(_WORDS.findall(text.lower()))
    plain = unicodedata.normalize("NFKC", text).translate(_plainer()).casefold()
    return _BLANK_BESIDE_WIDE.sub("", " ".join(_WORDS.findall(plain)))


def fold_phone(number: str) -> str:
    """The digits of a kept number (E.164); an extension is a word of its own."""
    main, _, extension = number.partition(";ext=")
    digits = main[len(_HOME):] if main.startswith(_HOME) else _NO_DIGIT.sub("", main)
    return f"{digits} {extension}" if extension else digits


def sought_digits(text: str) -> str:
    """The digits of a number as people type it: without 00, the country code of home, the 0 before an area."""
    digits = _NO_DIGIT.sub("", unicodedata.normalize("NFKC", text))
    digits = digits.removeprefix("00")
    if text.strip().startswith(("+86", "0086", "＋86")) or (len(digits) >= 12 and digits.startswith("86")):
        digits = digits.removeprefix("86")
    return digits.removeprefix("0")


def is_wide(letter: str) -> bool:
    """Whether the letter is of a script without words: Chinese, kana, hangul."""
    return letter >= "\u2e80"


@lru_cache(maxsize=1)
def _plainer() -> dict[int, str]:
    """Traditional → simplified, and Latin letters without their accents."""
    many, few = (resources.files(__package__) / "simplified.txt").read_text(encoding="utf-8").split()
    table = {ord(one): other for one, other in zip(many, few, strict=True)}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii() and base.isalpha():
            table[code] = base
    return table
