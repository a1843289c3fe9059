"""What may go wrong with the read model, in our own words."""

from __future__ import annotations

from chassis.http.problem import Problem


class ReadModelBusy(Exception):
    """Another process owns the file, or the disk does not give it."""


class TooSlow(Problem):
    """A question took longer than it may."""

    def __init__(self) -> None:
        super().__init__(503, "query_too_slow", headers={"Retry-After": "10"})


class TooLarge(Problem):
    """A question needs more memory or disk than it may have."""

    def __init__(self) -> None:
        super().__init__(503, "query_too_large", headers={"Retry-After": "10"})
