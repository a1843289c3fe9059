"""What a web server needs to know of the role that it serves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Wsgi = Callable[..., Any]


def _nothing() -> None:
    """Do nothing."""


@dataclass(frozen=True)
class WebRole:
    """`make_app` is called in each worker process; `when_ready` once above them, `worker_exit` as one of them ends."""

    make_app: Callable[[], Wsgi]
    listen: str  # host:port
    workers: int
    threads: int
    stop_seconds: int  # how long a request may take to finish when the role is asked to end
    when_ready: Callable[[], None] = _nothing
    worker_exit: Callable[[], None] = _nothing  # not called by Granian
    # Another process of the same account may serve the same address (SO_REUSEPORT): a next version that takes over.
    # Granian always allows it.
    shares_address: bool = False
