"""Riddles against machines, without a third party.

`work`: the browser looks for a number whose SHA-256 together with the token's nonce begins with zero bits; about a
second on a phone, and one token is good for one message, so that sending thousands costs hours. `sum`: two numbers
drawn as crooked strokes, for visitors without scripts.
"""

from __future__ import annotations

import hashlib
import random

WORK_BITS = 15
_SEGMENTS = {  # digits as strokes on a grid of 3 × 5 points
    "0": ((0, 0, 2, 0), (2, 0, 2, 4), (2, 4, 0, 4), (0, 4, 0, 0)), "1": ((0, 1, 1, 0), (1, 0, 1, 4), (0, 4, 2, 4)),
    "2": ((0, 0, 2, 0), (2, 0, 2, 2), (2, 2, 0, 4), (0, 4, 2, 4)),
    "3": ((0, 0, 2, 0), (2, 0, 1, 2), (1, 2, 2, 3), (2, 3, 2, 4), (2, 4, 0, 4)),
    "4": ((1, 0, 0, 3), (0, 3, 2, 3), (2, 1, 2, 4)),
    "5": ((2, 0, 0, 0), (0, 0, 0, 2), (0, 2, 2, 2), (2, 2, 2, 4), (2, 4, 0, 4)),
    "6": ((2, 0, 0, 2), (0, 2, 0, 4), (0, 4, 2, 4), (2, 4, 2, 2), (2, 2, 0, 2)),
    "7": ((0, 0, 2, 0), (2, 0, 1, 4)),
    "8": ((0, 0, 2, 0), (2, 0, 2, 4), (2, 4, 0, 4), (0, 4, 0, 0), (0, 2, 2, 2)),
    "9": ((2, 2, 0, 2), (0, 2, 0, 0), (0, 0, 2, 0), (2, 0, 2, 2), (2, 2, 1, 4)),
    "+": ((0, 2, 2, 2), (1, 1, 1, 3)),
}
_SCALE, _ADVANCE = 9, 30


def is_worked(nonce: str, found: str) -> bool:
    """Whether the browser has done the work for this page."""
    if not found.isdigit() or len(found) > 12:
        return False
    digest = hashlib.sha256(f"{nonce}:{found}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> (32 - WORK_BITS) == 0


def new_sum() -> tuple[str, str]:
    """A drawing of two numbers to add, and their sum."""
    chance = random.SystemRandom()
    one, other = chance.randint(2, 19), chance.randint(2, 9)
    return drawing(f"{one}+{other}", chance), str(one + other)


def drawing(text: str, chance: random.Random) -> str:
    """The text as SVG: strokes only, each bent a little, with strokes between that mean nothing."""
    width = _ADVANCE * len(text) + 16
    strokes = [_digit(letter, 12 + place * _ADVANCE, chance) for place, letter in enumerate(text)]
    noise = [f"M{chance.randint(0, width)} {chance.randint(0, 60)}L{chance.randint(0, width)} {chance.randint(0, 60)}"
             for _ in range(5)]
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 60" width="{width}" height="60" fill="none" '
            f'stroke-linecap="round"><path d="{"".join(noise)}" stroke="currentColor" opacity=".35"/>'
            f'<path d="{"".join(strokes)}" stroke="currentColor" stroke-width="3"/></svg>')


def _digit(letter: str, left: int, chance: random.Random) -> str:
    lean, top = chance.uniform(-0.18, 0.18), chance.randint(6, 14)

    def at(x: int, y: int) -> str:
        return (f"{left + x * _SCALE + (4 - y) * _SCALE * lean + chance.uniform(-1.2, 1.2):.1f} "
                f"{top + y * _SCALE + chance.uniform(-1.2, 1.2):.1f}")

    return "".join(f"M{at(a, b)}Q{at((a + c) // 2, (b + d) // 2)} {at(c, d)}" for a, b, c, d in _SEGMENTS[letter])
