"""Password hashes: Argon2id, a few at a time.

Two passes over 19 MiB take about 50 ms of one core. A semaphore bounds how many run at once, so a flood of sign-ins
queues up instead of taking all cores and memory; who waits too long gets a 503.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from chassis.http.problem import Problem
from gateway.model.passwords import canonical

PASSES, LANES = 2, 1
_WAIT_SECONDS = 5.0


class Passwords:
    """Hashes and verifies passwords of one process."""

    def __init__(self, parallel: int, memory_kib: int) -> None:
        self._hasher = PasswordHasher(time_cost=PASSES, memory_cost=memory_kib, parallelism=LANES, type=Type.ID)
        self._places = threading.BoundedSemaphore(max(1, parallel))

    def hash(self, password: str) -> str:
        """Return the hash to be stored."""
        with self._place():
            return self._hasher.hash(canonical(password))

    def verify(self, stored: str | None, password: str) -> bool:
        """Tell whether the password is right; for nobody (None) it takes as long and is wrong."""
        nobody = self._nobody  # made before the first check, whomever that one is for
        with self._place():
            try:
                return self._hasher.verify(stored or nobody, canonical(password)) and stored is not None
            except (VerificationError, InvalidHashError):
                return False

    def is_outdated(self, stored: str) -> bool:
        """Tell whether a hash was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(stored)

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("a password that nobody has")

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(timeout=_WAIT_SECONDS):
            raise Problem(503, "unavailable", headers={"Retry-After": "5"})
        try:
            yield
        finally:
            self._places.release()
