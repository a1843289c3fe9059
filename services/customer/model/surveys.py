"""Surveys by link: the kinds with their scales, and the token of a link.

A token is the id of the invitation and a keyed digest of it, so nobody can make one up; what it stands for, and whether
it was used, is known here alone.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid

RESPONSE = "survey_response"  # the shipped object that keeps answers
SCALES = {"csat": (1, 5), "nps": (0, 10)}
MAX_COMMENT = 4000
_MAC = 16


def new_token(id: str, secret: bytes) -> str:
    """The token of an invitation."""
    raw = uuid.UUID(id).bytes
    return base64.urlsafe_b64encode(raw + _mac(raw, secret)).decode().rstrip("=")


def read_token(text: str, secret: bytes) -> str | None:
    """The id of the invitation, None for what was not signed here."""
    try:
        raw = base64.b64decode(text[:64] + "=" * (-len(text[:64]) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
    if len(raw) != 16 + _MAC or not hmac.compare_digest(raw[16:], _mac(raw[:16], secret)):
        return None
    return str(uuid.UUID(bytes=raw[:16]))


def _mac(raw: bytes, secret: bytes) -> bytes:
    return hmac.new(secret, b"survey:" + raw, hashlib.sha256).digest()[:_MAC]
