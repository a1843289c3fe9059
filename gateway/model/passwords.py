"""Rules for passwords, and passwords that the machine makes up."""

from __future__ import annotations

import re
import secrets
import unicodedata
from functools import cache
from importlib import resources

from chassis.http.problem import FieldProblem

MAX_LENGTH = 200
_ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def canonical(password: str) -> str:
    """Return the form that is hashed: the same characters typed on another keyboard are the same password."""
    return unicodedata.normalize("NFKC", password)


def password_problem(password: str, username: str, *, min_length: int, pointer: str) -> FieldProblem | None:
    """Return what is wrong with a chosen password, or None."""
    text = canonical(password)
    folded = text.casefold()
    if len(text) < min_length:
        return FieldProblem(pointer, "password_too_short", {"limit": min_length})
    if len(username) >= 3 and username in folded:
        return FieldProblem(pointer, "password_contains_username")
    if _is_guessable(folded):
        return FieldProblem(pointer, "password_too_common")
    return None


def generate_password() -> str:
    """Return a random password of 95 bits that can be read aloud: no look-alike characters, in groups."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def _is_guessable(text: str) -> bool:
    """Tell whether text is a common word with or without what people hang on to it, or a date or telephone number."""
    word = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)
    return len(set(text)) < 4 or (not word and len(text) < 16) or not _common().isdisjoint((text, word))


@cache
def _common() -> frozenset[str]:
    lines = (resources.files("gateway.model") / "common_passwords.txt").read_text(encoding="utf-8").split()
    return frozenset(lines)
