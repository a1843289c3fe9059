"""Processor time by process, which says what a step costs even on a machine that does other things besides.

Read from /proc/<pid>/stat (proc(5)): what a process, its living children and those it has waited for have used.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_USER, _CHILDREN_SYSTEM = 11, 15  # utime, stime, cutime, cstime, counted behind the closing bracket of the name


def tree_seconds(pid: int, without: Collection[int] = ()) -> float:
    """Processor seconds of a process and all below it but those that are counted by themselves."""
    return _seconds(pid) + sum(tree_seconds(child, without) for child in _children(pid) if child not in without)


class ProcessorTime:
    """Counts what each of some processes uses from one question to the next; a server that one of them has started
    counts once, under its own name."""

    def __init__(self, pids: Callable[[], Mapping[str, int]]) -> None:
        self._pids = pids
        self._before = self._now()

    def lap(self) -> dict[str, float]:
        """Seconds of each process since the last lap."""
        before, self._before = self._before, self._now()
        return {name: max(0.0, seconds - before.get(name, 0.0)) for name, seconds in self._before.items()}

    def _now(self) -> dict[str, float]:
        pids = self._pids()
        return {name: tree_seconds(pid, frozenset(pids.values())) for name, pid in pids.items()}


def peak_memory(pid: int) -> float:
    """The largest resident set that a process ever had, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def _seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(field) for field in fields[_USER:_CHILDREN_SYSTEM]) / _TICK


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in task.read_text().split()]
        except OSError:
            continue
    return found
