"""Tokens of public pages: what a page says about itself when it comes back, signed so that nobody can make one up.

A token names the form, a number used once, when the page was made and the answer to its riddle, as a digest. It keeps
nothing on the server: a page that nobody sends costs nothing.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from chassis import signed

LONGEST_SECONDS = 24 * 3600
_KIND = "web-form"


@dataclass(frozen=True)
class Token:
    """One page that was shown."""

    form_id: str
    nonce: str
    made_at: int
    answer: str = ""  # digest of the answer to the riddle

    def age(self, now: float) -> float:
        """Seconds since the page was made."""
        return now - self.made_at


def new_token(form_id: str, now: float, answer: str = "") -> Token:
    """A token for a page that is being shown."""
    return Token(form_id, secrets.token_hex(16), int(now), answer)


def sign(token: Token, secret: bytes) -> str:
    """The token as the page carries it."""
    return signed.sign(_KIND, "|".join((token.form_id, token.nonce, str(token.made_at), token.answer)).encode(), secret)


def read_token(text: str, form_id: str, secret: bytes) -> Token | None:
    """The token that a page carries, None when it is none of ours or of another form."""
    raw = signed.read_signed(_KIND, text, secret, longest=600)
    if raw is None:
        return None
    form, nonce, made_at, answer = raw.decode().split("|")
    return Token(form, nonce, int(made_at), answer) if form == form_id else None


def answer_digest(answer: str, secret: bytes) -> str:
    """The digest of an answer, which tells nothing without the secret."""
    return signed.keyed_digest("answer", answer, secret)[:16]
