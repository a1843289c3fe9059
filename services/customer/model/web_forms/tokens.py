"""Tokens of public pages: what a page says about itself when it comes back, signed so that nobody can make one up.

A token names the form, a number used once, when the page was made and the answer to its riddle, as a digest. It keeps
nothing on the server: a page that nobody sends costs nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

LONGEST_SECONDS = 24 * 3600
_MAC = 16


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
    body = "|".join((token.form_id, token.nonce, str(token.made_at), token.answer)).encode()
    return base64.urlsafe_b64encode(_mac(body, secret) + body).decode().rstrip("=")


def read_token(text: str, form_id: str, secret: bytes) -> Token | None:
    """The token that a page carries, None when it is none of ours or of another form."""
    try:
        raw = base64.urlsafe_b64decode(text[:600] + "=" * (-len(text[:600]) % 4))
        mac, body = raw[:_MAC], raw[_MAC:]
        if not hmac.compare_digest(mac, _mac(body, secret)):
            return None
        form, nonce, made_at, answer = body.decode().split("|")
    except (ValueError, UnicodeDecodeError):
        return None
    return Token(form, nonce, int(made_at), answer) if form == form_id else None


def answer_digest(answer: str, secret: bytes) -> str:
    """The digest of an answer, which tells nothing without the secret."""
    return hmac.new(secret, b"answer:" + answer.encode(), hashlib.sha256).hexdigest()[:16]


def _mac(body: bytes, secret: bytes) -> bytes:
    return hmac.new(secret, b"web-form:" + body, hashlib.sha256).digest()[:_MAC]
