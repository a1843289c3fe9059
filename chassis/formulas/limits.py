"""How large a formula and its work may be. What is refused before compiling stands first, what bounds a run follows."""

from __future__ import annotations

MAX_SOURCE = 5_000  # characters
MAX_DEPTH = 100  # levels of nesting; every operator of a chain is one
MAX_NODES = 1_000
MAX_HOPS = 3  # references that one path follows
MAX_ARGUMENTS = 100
MAX_DIGITS = 28
MAX_EXPONENT = 200
MAX_PATTERN = 200

MAX_TEXT = 20_000  # characters of any text that a run makes
MAX_ITEMS = 10_000  # items of any list
MAX_STEPS = 200_000  # nodes visited within lists, and characters of texts made, by the hundred
MAX_SECONDS = 0.05
