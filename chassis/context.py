"""Where a piece of work comes from: request → event → consumer → call, all carry one Cause.

The cause travels in HTTP headers between services, in CloudEvents attributes through the broker, and in a context
variable inside a process. Log lines, history and loop protection read it from here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

from chassis.ids import new_id


@dataclass(frozen=True)
class Origin:
    """Who or what acts: `kind` is person, rule, process, import or system."""

    kind: str = "system"
    id: str | None = None
    name: str | None = None


@dataclass(frozen=True)
class Cause:
    """What led to the present work; `depth` counts the automatic changes in the chain before it."""

    request_id: str
    causation_id: str | None = None
    depth: int = 0
    origin: Origin = Origin()
    bulk_id: str | None = None
    traceparent: str | None = None
    rules: bool = True  # whether automation rules shall act on what changes

    def because_of(self, **changes: object) -> Cause:
        """Return a copy with some members replaced."""
        return replace(self, **changes)  # type: ignore[arg-type]


_current: ContextVar[Cause | None] = ContextVar("freehold_cause", default=None)


def current_cause() -> Cause:
    """Return the cause of the present work; work that has none gets a fresh request id."""
    return _current.get() or Cause(request_id=new_id())


def known_cause() -> Cause | None:
    """Return the cause when there is one."""
    return _current.get()


@contextmanager
def with_cause(cause: Cause) -> Iterator[Cause]:
    """Make `cause` the present one inside the block."""
    token = _current.set(cause)
    try:
        yield cause
    finally:
        _current.reset(token)
