"""Outgoing webhooks: which changes an address is told, in the form of Standard Webhooks, and when it is tried again.

The form (https://www.standardwebhooks.com): the headers `webhook-id`, `webhook-timestamp` (seconds) and
`webhook-signature`, which is `v1,` and the base64 of the HMAC-SHA256 of `id.timestamp.body`. While a secret is being
replaced there are two signatures, with a blank between. The id stays the same however often a message is sent, so that
a receiver knows a repeat.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from services.notify.model.timing import Pauses

KINDS = ("record.created", "record.updated", "record.deleted")
TEST = "webhook.test"
MOST_WEBHOOKS = 50

_SECRET_PREFIX = "whsec_"  # noqa: S105 - a mark, not a secret
_RETRIES = tuple(timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 18_000, 36_000, 36_000))
PAUSES = Pauses(3, timedelta(seconds=30), timedelta(hours=1))  # of an address as a whole
_LONGEST_WISH = timedelta(days=1)


def new_secret() -> str:
    """Return a fresh secret of 256 bits."""
    return _SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(held: Sequence[str], id: str, timestamp: int, body: bytes) -> str:
    """Return the value of `webhook-signature`, one signature for each secret."""
    signed = f"{id}.{timestamp}.".encode() + body
    return " ".join(f"v1,{base64.b64encode(_mac(secret, signed)).decode()}" for secret in held)


def _mac(secret: str, signed: bytes) -> bytes:
    return hmac.digest(_key(secret), signed, hashlib.sha256)


def _key(secret: str) -> bytes:
    """The bytes of a secret: of one of ours, or of any text that a gateway was given by its own maker."""
    if secret.startswith(_SECRET_PREFIX):
        return base64.b64decode(secret.removeprefix(_SECRET_PREFIX))
    return secret.encode()


def is_secret(text: str) -> bool:
    """Tell whether a text can sign: the bytes of a standard one must be readable."""
    try:
        return bool(_key(text))
    except ValueError:
        return False


def message_id(id: str) -> str:
    """Return the `webhook-id` of a message."""
    return f"msg_{id}"


def wanted_changes(hook: Mapping[str, Any], data: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (kind, change) for those changes of an event that a webhook wants."""
    if hook["objects"] is not None and data["object"] not in hook["objects"]:
        return
    if data.get("bulk") and not hook["with_imports"]:
        return
    for change in data["changes"]:
        kind = f"record.{change['action']}"
        if kind in hook["kinds"] and not (hook["skip_own"] and change["by"] == hook["acts_as"]):
            yield kind, change


def told(change: Mapping[str, Any], seen: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return what a message says of a change, given what the person sees of it; None when that is nothing.

    A change of fields that he does not read is no change to him.
    """
    if seen is None:
        return None
    changed = [name for name in change["changed"] if name in seen["after"]]
    if change["action"] == "updated" and not changed:
        return None
    return {"id": change["id"], "version": change["version"], "at": change["at"], "by": change["by"],
            "changed": changed, "before": seen["before"], "record": seen["after"]}


def retry_after(attempts: int, spread: float, wish: timedelta | None = None) -> timedelta | None:
    """Return how long to wait after so many attempts, None when it was the last; `spread` is in [0, 1).

    Delays vary by a fifth both ways, so that what failed together does not come back together. `wish` is the other
    side's `Retry-After`.
    """
    if attempts > len(_RETRIES):
        return None
    delay = _RETRIES[attempts - 1] * (0.8 + 0.4 * spread)
    return max(delay, min(wish, _LONGEST_WISH)) if wish else delay


def held_secrets(kept: Collection[Mapping[str, Any]], now: datetime) -> list[str]:
    """Return the sealed secrets that sign now, the newest first."""
    return [one["sealed"] for one in kept if one["until"] is None or datetime.fromisoformat(one["until"]) > now]


def fault_of_address(url: str) -> str | None:
    """Return the code of what is wrong with an address as it is written, or None."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "webhook_address"
    if parts.scheme not in ("https", "http") or not host or port == 0 or not url.isascii() or " " in url:
        return "webhook_address"
    if parts.username is not None or parts.password is not None or parts.fragment:
        return "webhook_address"
    return None


def host_of(url: str) -> str:
    """Return the host of an address, for people and for the log: the path may hold a secret."""
    return urlsplit(url).hostname or ""
