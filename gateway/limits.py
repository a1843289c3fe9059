"""Rate limits, counted in the memory of each process: they stop a run-away client, not a determined attacker.

Sign-ins are limited by address (the lock-out in the database is what protects passwords). API requests are limited
by token and, much wider, by address. A token is counted by its digest without being verified, so nobody can use up
somebody else's share.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Iterator

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from chassis.http.problem import Problem
from chassis.settings import SettingError, Settings
from gateway.metrics import RATE_LIMITED


class Limits:
    """The limits of one process."""

    def __init__(self, settings: Settings) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._sign_in = _parsed("sign_in_rate", settings.sign_in_rate)
        self._token = _parsed("api_rate", settings.api_rate)
        self._address = _parsed("api_address_rate", settings.api_address_rate)

    def check(self, rate: str, address: str, authorization: str) -> None:
        """Count a request; raises 429 when it is one too many."""
        for name, item, key in self._applying(rate, address, authorization):
            if item is not None and not self._limiter.hit(item, name, key):
                reset_at = self._limiter.get_window_stats(item, name, key).reset_time
                RATE_LIMITED.labels(name).inc()
                wait = max(1, math.ceil(reset_at - time.time()))
                raise Problem(429, "too_many_requests", headers={"Retry-After": str(wait)})

    def _applying(self, rate: str, address: str,
                  authorization: str) -> Iterator[tuple[str, RateLimitItem | None, str]]:
        if rate == "sign_in":
            yield "sign_in", self._sign_in, address
            return
        yield "address", self._address, address
        if authorization:
            yield "token", self._token, hashlib.sha256(authorization.encode()).hexdigest()[:32]


def _parsed(name: str, text: str) -> RateLimitItem | None:
    if not text:
        return None
    try:
        return parse(text)
    except ValueError as error:
        raise SettingError(f"FREEHOLD_GATEWAY_{name.upper()}: not a rate like 60/minute") from error
