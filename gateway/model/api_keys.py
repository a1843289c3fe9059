"""API keys on the wire: `fhk_<id>_<secret>`.

The secret has 256 random bits, so a plain SHA-256 of it is enough: there is nothing to guess that a slow hash would
protect. Scopes say which services a key reaches and whether it may write there; inside, its user's roles hold.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import uuid

from chassis.auth.guard import API_KEY_PREFIX
from chassis.auth.tokens import SERVICES

SCOPES = tuple(f"{service}:{access}" for service in SERVICES for access in ("read", "write"))

_KEY = re.compile(rf"{API_KEY_PREFIX}(?P<id>[0-9a-f]{{32}})_(?P<secret>[A-Za-z0-9_-]{{43}})\Z")


def new_secret() -> str:
    """Return 256 random bits as text."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """Return what is stored in place of a secret of full strength."""
    return hashlib.sha256(secret.encode()).hexdigest()


def render_key(id: str, secret: str) -> str:
    """Return the key as its owner gets it, once."""
    return f"{API_KEY_PREFIX}{id.replace('-', '')}_{secret}"


def split_key(text: str) -> tuple[str, str] | None:
    """Return (id, secret), or None for what is no key."""
    found = _KEY.match(text)
    return (str(uuid.UUID(found["id"])), found["secret"]) if found else None


def matches(secret: str, stored: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(digest(secret), stored)
