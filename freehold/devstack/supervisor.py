"""Keeping child processes alive: a dead one is started again after a growing pause, and all end in order.

Children are started by the thread that also watches them, because the kernel's death signal (see
chassis.testkit.processes) is tied to the thread that started a process.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chassis.testkit.processes import ServerError, current_account, spawn

log = logging.getLogger(__name__)

PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)
STEADY_SECONDS = 20.0
LOOK_SECONDS = 0.1
LOG_BYTES = 20_000_000


@dataclass
class Child:
    """A process that should run, and how often it had to be started."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    log: Path
    cwd: Path
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    deaths: int = 0
    start_at: float = 0.0
    wanted: bool = True
    history: list[int] = field(default_factory=list)

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Starts, watches, kills and stops children; all methods may be called from any thread."""

    def __init__(self) -> None:
        self._children: dict[str, Child] = {}
        self._orders: queue.Queue[tuple[Callable[[], Any], threading.Event]] = queue.Queue()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._thread.start()

    def add(self, child: Child) -> None:
        """Start a child and keep it running."""
        self._children[child.name] = child
        self._order(lambda: self._start(child))

    def pids(self) -> dict[str, int]:
        """Process ids of the children that run now, by name."""
        return {name: child.process.pid for name, child in self._children.items() if child.is_running and child.process}

    def deaths(self) -> dict[str, int]:
        """How many processes of each child have ended without being asked to."""
        return {name: len(child.history) for name, child in self._children.items()}

    def failures(self, name: str) -> int:
        """How many times in a row a child has ended soon after its start."""
        return self._children[name].deaths

    def kill(self, name: str) -> int:
        """kill -9 of a child and the processes it forked; it is started again. Returns the process id it had."""
        child = self._children[name]
        if child.process is None:
            raise ServerError(f"{name} was never started")
        child.deaths = 0  # it did not fail by itself
        _kill_group(child.process.pid)
        return child.process.pid

    def stop(self, names: Iterable[str], seconds: float) -> None:
        """Ask these children to end, together; kill what still runs after `seconds`."""
        children = [self._children[name] for name in names if name in self._children]
        for child in children:
            child.wanted = False
            if child.is_running and child.process:
                child.process.terminate()
        deadline = time.monotonic() + seconds
        for child in children:
            _wait_or_kill(child, deadline)

    def close(self) -> None:
        """End the watching; children that still run get the kernel's death signal."""
        self._ended.set()
        self._thread.join(10)

    def _order(self, what: Callable[[], Any]) -> None:
        done = threading.Event()
        self._orders.put((what, done))
        if not done.wait(30):
            raise ServerError("the supervisor does not answer")

    def _watch(self) -> None:
        while not self._ended.is_set():
            with contextlib.suppress(queue.Empty):
                what, done = self._orders.get(timeout=LOOK_SECONDS)
                what()
                done.set()
            for child in list(self._children.values()):
                self._look_after(child)

    def _look_after(self, child: Child) -> None:
        if not child.wanted or child.is_running or child.process is None:
            return
        if child.start_at == 0.0:
            self._note_death(child, child.process)
        if time.monotonic() >= child.start_at:
            self._start(child)

    def _note_death(self, child: Child, process: subprocess.Popen[bytes]) -> None:
        _kill_group(process.pid)
        lived = time.monotonic() - child.started_at
        child.deaths = 0 if lived > STEADY_SECONDS else child.deaths + 1
        child.history.append(process.returncode)
        child.start_at = time.monotonic() + PAUSES[min(child.deaths, len(PAUSES) - 1)]
        log.warning("%s ended (%s) after %.0f s; starting it again", child.name, process.returncode, lived)

    def _start(self, child: Child) -> None:
        child.start_at = 0.0
        child.started_at = time.monotonic()
        child.process = spawn(
            list(child.argv), current_account(), env=child.env, cwd=child.cwd, log=child.log, death_signal="TERM"
        )


def shorten(file: Path) -> None:
    """Put a long log aside, so that a stack that runs for weeks does not fill the disk."""
    if file.exists() and file.stat().st_size > LOG_BYTES:
        file.replace(file.with_suffix(".1.log"))


def _wait_or_kill(child: Child, deadline: float) -> None:
    if child.process is None:
        return
    try:
        child.process.wait(max(0.05, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        log.warning("%s did not end in time and was killed", child.name)
    _kill_group(child.process.pid)
    child.process.wait(5)


def _kill_group(leader: int) -> None:
    """Each child leads a session of its own, so its group holds exactly it and what it forked."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
