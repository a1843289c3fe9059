"""Short texts that leave the house and come back: links in mail, tokens of public pages.

What a text means stands in it, behind a keyed digest (HMAC-SHA-256, half of it), so nobody can make one up and nothing
has to be kept for it. Its kind is part of the digest: what was signed for one end does not work for another.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

_MAC = 16


def sign(kind: str, meaning: bytes, secret: bytes) -> str:
    """The signed text, in letters that an address of the web may have."""
    return base64.urlsafe_b64encode(_mac(kind, meaning, secret) + meaning).decode().rstrip("=")


def read_signed(kind: str, text: str, secret: bytes, longest: int = 4000) -> bytes | None:
    """What a text means, None for what was not signed here for this kind."""
    if len(text) > longest:
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
    if len(raw) <= _MAC or not hmac.compare_digest(raw[:_MAC], _mac(kind, raw[_MAC:], secret)):
        return None
    return raw[_MAC:]


def keyed_digest(kind: str, text: str, secret: bytes) -> str:
    """What a text is known by without being kept; it tells nothing without the secret."""
    return hmac.new(secret, f"{kind}:{text}".encode(), hashlib.sha256).hexdigest()


def _mac(kind: str, meaning: bytes, secret: bytes) -> bytes:
    return hmac.new(secret, kind.encode() + b":" + meaning, hashlib.sha256).digest()[:_MAC]
