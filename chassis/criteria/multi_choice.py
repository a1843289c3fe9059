"""How several choices are stored in one text column: `|north|east|`, without choices nothing (NULL).

Every choice stands between bars, so that one containment test finds it, and choices are `[a-z0-9_]+`, so that
neither bars nor the letter case of SQLite's LIKE can mislead it.
"""

from __future__ import annotations

from collections.abc import Iterable


def encode_multi(choices: Iterable[str] | None) -> str | None:
    """The stored text of the choices, in the order given and without repetitions."""
    kept = tuple(dict.fromkeys(choices or ()))
    return f"|{'|'.join(kept)}|" if kept else None


def decode_multi(stored: str | None) -> list[str]:
    """The choices of a stored text."""
    return stored.strip("|").split("|") if stored else []
