"""Signed links in mail to customers: what a link means stands in it, with a keyed digest, so nobody can make one up.

A link keeps its meaning however long ago the message went out and whatever was cleared away since. A kind is part of
the digest: a link made for one end does not work for another.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

from chassis.jsonio import dump_bytes, loads

LEAVE = "leave"  # [object, record, purpose, message]: no more messages of this purpose
_MAC = 16
_LONGEST = 4000


def new_link(kind: str, meaning: Sequence[Any], secret: bytes) -> str:
    """The token of a link."""
    raw = dump_bytes(list(meaning))
    return base64.urlsafe_b64encode(_mac(kind, raw, secret) + raw).decode().rstrip("=")


def read_link(kind: str, text: str, secret: bytes) -> list[Any] | None:
    """What a link means, None for what was not signed here for this kind."""
    if len(text) > _LONGEST:
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
    if len(raw) <= _MAC or not hmac.compare_digest(raw[:_MAC], _mac(kind, raw[_MAC:], secret)):
        return None
    return list(loads(raw[_MAC:]))


def address_digest(address: str, secret: bytes) -> str:
    """What an address is remembered by without being kept: a keyed digest, the same for any way to write it."""
    return hmac.new(secret, b"address:" + address.strip().lower().encode(), hashlib.sha256).hexdigest()


def _mac(kind: str, raw: bytes, secret: bytes) -> bytes:
    return hmac.new(secret, kind.encode() + b":" + raw, hashlib.sha256).digest()[:_MAC]
