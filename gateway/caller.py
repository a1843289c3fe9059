"""Where the present request comes from, for the audit log; nothing outside of a request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_address: ContextVar[str | None] = ContextVar("freehold_client_address", default=None)


def client_address() -> str | None:
    """Return the address of the present request's client, or None on the command line and in schedules."""
    return _address.get()


@contextmanager
def from_address(address: str | None) -> Iterator[None]:
    """Make `address` that of the present client inside the block."""
    token = _address.set(address)
    try:
        yield
    finally:
        _address.reset(token)
