"""Rate limits, counted in the memory of each process: they stop a run-away client, not a determined attacker.

Sign-ins are limited by address (the lock-out in the database is what protects passwords), and so are links of mail. API
requests are limited by token and, much wider, by address. A token is counted by its digest without being verified, so
nobody can use up somebody else's share.

All counters of a limit share one fixed window and are dropped together at its end. So counting costs the same however
many tokens somebody makes up, and nothing has to be cleaned away.
"""

from __future__ import annotations

import hashlib
import math
import threading
import time
from collections.abc import Callable, Iterator

from limits import RateLimitItem, parse

from chassis.http.problem import Problem
from chassis.settings import SettingError, Settings
from gateway.metrics import RATE_LIMITED

_MAX_KEYS = 200_000


class Window:
    """Counts hits by key within a window of time."""

    def __init__(self, item: RateLimitItem, clock: Callable[[], float] = time.monotonic) -> None:
        self._amount, self._seconds, self._clock = item.amount, item.get_expiry(), clock
        self._lock = threading.Lock()
        self._counts: dict[str, int] = {}
        self._ends = 0.0

    def hit(self, key: str) -> float | None:
        """Count one hit; returns None, or the seconds to wait when it is one too many."""
        now = self._clock()
        with self._lock:
            if now >= self._ends or len(self._counts) >= _MAX_KEYS:
                self._counts, self._ends = {}, now + self._seconds
            count = self._counts[key] = self._counts.get(key, 0) + 1
            return self._ends - now if count > self._amount else None


class Limits:
    """The limits of one process."""

    def __init__(self, settings: Settings) -> None:
        self._sign_in = _window("sign_in_rate", settings.sign_in_rate)
        self._link = _window("link_rate", settings.link_rate)
        self._token = _window("api_rate", settings.api_rate)
        self._address = _window("api_address_rate", settings.api_address_rate)

    def check(self, rate: str, address: str, authorization: str) -> None:
        """Count a request; raises 429 when it is one too many."""
        for name, window, key in self._applying(rate, address, authorization):
            wait = window.hit(key) if window is not None else None
            if wait is not None:
                RATE_LIMITED.labels(name).inc()
                raise Problem(429, "too_many_requests", headers={"Retry-After": str(max(1, math.ceil(wait)))})

    def _applying(self, rate: str, address: str, authorization: str) -> Iterator[tuple[str, Window | None, str]]:
        if rate == "sign_in":
            yield "sign_in", self._sign_in, address
            return
        if rate == "link":
            yield "link", self._link, address
            return
        yield "address", self._address, address
        if authorization:
            yield "token", self._token, hashlib.sha256(authorization.encode()).hexdigest()[:32]


def _window(name: str, text: str) -> Window | None:
    if not text:
        return None
    try:
        return Window(parse(text))
    except ValueError as error:
        raise SettingError(f"FREEHOLD_GATEWAY_{name.upper()}: not a rate like 60/minute") from error
