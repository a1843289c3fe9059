"""A receiver of webhooks that does what https://www.standardwebhooks.com asks of one.

It refuses a message without the three headers, one whose time is more than five minutes off, and one that no signature
of its secrets fits; it knows a repeat by its id. Answers can be set beforehand, one for each request.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections import deque
from typing import Any

from .http_stage import Got, Said

_TOLERANCE = 300


class Receiver:
    """What came in, verified: `told` once per id, `ids` as often as they came."""

    def __init__(self) -> None:
        self.secrets: list[str] = []
        self.answers: deque[Said] = deque()
        self.told: dict[str, Any] = {}
        self.ids: list[str] = []
        self.refused = 0

    def answer(self, got: Got) -> Said:
        """Verify, then answer what is next, else 204."""
        if not self._fits(got):
            self.refused += 1
            return Said(401, b"signature")
        id = got.headers["webhook-id"]
        self.ids.append(id)
        said = self.answers.popleft() if self.answers else Said(204)
        if said.status < 300:
            self.told.setdefault(id, got.json)
        return said

    def _fits(self, got: Got) -> bool:
        id, stamp, signatures = (got.headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
        if not id or not stamp.isdigit() or abs(time.time() - int(stamp)) > _TOLERANCE:
            return False
        known = {f"v1,{self._signature(secret, id, stamp, got.body)}" for secret in self.secrets}
        return bool(known.intersection(signatures.split(" ")))

    @staticmethod
    def _signature(secret: str, id: str, stamp: str, body: bytes) -> str:
        key = base64.b64decode(secret.split("_", 1)[1])
        mac = hmac.digest(key, b".".join((id.encode(), stamp.encode(), body)), hashlib.sha256)
        return base64.b64encode(mac).decode()
