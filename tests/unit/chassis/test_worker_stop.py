"""A worker that is asked to end does so in its time, however many of its threads are busy with something long."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace
from typing import Any

from chassis.worker import Worker


def busy_worker(threads: int, release: threading.Event) -> Worker:
    """A worker whose threads hold something that does not end before `release`."""
    waker = SimpleNamespace(local=threading.Event())
    service: Any = SimpleNamespace(name="busy", db=SimpleNamespace(waker=waker), spec=SimpleNamespace(loops=()))
    worker = Worker(service)
    for number in range(threads):
        worker._spawn(f"long-{number}", lambda stop: release.wait(60))
    return worker


def test_many_busy_threads_share_one_time() -> None:
    release = threading.Event()
    worker = busy_worker(12, release)
    try:
        started = time.monotonic()
        assert worker.stop(1.0) is False
        assert 0.9 < time.monotonic() - started < 4.0  # not a second for each
    finally:
        release.set()


def test_threads_that_end_are_not_waited_for_longer() -> None:
    release = threading.Event()
    worker = busy_worker(3, release)
    threading.Timer(0.2, release.set).start()
    started = time.monotonic()
    assert worker.stop(30.0) is True
    assert time.monotonic() - started < 10.0
