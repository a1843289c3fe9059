"""Lock-out: after a few failed sign-ins each further one costs a delay that doubles.

An attempt is counted as failed *before* the password is checked and taken back when it was right. So a thousand
attempts at the same moment are counted like a thousand in a row.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Policy:
    """When delays begin, how long they get, and when everything is forgotten."""

    after: int
    first: timedelta
    longest: timedelta
    forget: timedelta

    def delay(self, failures: int) -> timedelta | None:
        """Return the delay after so many failures in a row; None when the next may come at once."""
        if failures < self.after:
            return None
        doublings = min(failures - self.after, 30)
        return min(self.first * 2**doublings, self.longest)

    def counted(self, failures: int, last_at: datetime, now: datetime) -> int:
        """Return how many earlier failures still count."""
        return 0 if now - last_at > self.forget else failures


def user_subject(username: str) -> str:
    """Return the key under which failures for a user name are counted, whether such a user exists or not.

    It is a digest because people type their password where the name belongs.
    """
    return "user:" + hashlib.sha256(canonical_username(username).encode()).hexdigest()[:40]


def address_subject(ip: str) -> str:
    """Return the key under which failures from an address are counted."""
    return f"address:{ip}"


def canonical_username(text: str) -> str:
    """Return the one form of a user name: no difference of case or width counts."""
    return unicodedata.normalize("NFKC", text).strip().casefold()
