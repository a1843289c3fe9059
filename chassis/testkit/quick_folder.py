"""A folder in memory for everything that a test run writes, and that is gone afterwards.

Tests make thousands of databases. On a disk each costs a second of the kernel's time or of waiting for the disk; in
memory it costs some hundredths. The process that owns a folder keeps it locked for as long as it lives, so that the
next run can tell which one nobody needs any more, also beside runs in containers that share the memory: one of a run
that was killed, or one that failed and left something to look at.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it, open to nobody else's writing
ENOUGH = 6 * 2**30  # bytes: twice what the largest suite has at one time
_PREFIX = "freehold-tests-"
_locks: list[int] = []  # of the folders of this process; the kernel lets go of them when it ends


def make_quick_folder(memory: Path = MEMORY, enough: int = ENOUGH) -> Path | None:
    """Make this process' folder in memory; None where there is too little of it or programs may not run from it."""
    if not _fits(memory, enough):
        return None
    for left in _left_behind(memory):
        shutil.rmtree(left, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix="freehold-begins-", dir=memory))
    made.chmod(0o755)  # servers run under accounts of their own below it
    lock = _locked(made)
    assert lock is not None
    _locks.append(lock)
    return made.rename(memory / f"{_PREFIX}{made.name.rpartition('-')[2]}")  # not before it is locked


def _fits(memory: Path, enough: int) -> bool:
    if not os.access(memory, os.W_OK):
        return False
    found = os.statvfs(memory)
    return found.f_bavail * found.f_frsize >= enough and not found.f_flag & os.ST_NOEXEC and _available() >= 2 * enough


def _available() -> int:
    """Return how many bytes of memory this machine, or the container we are in, can still give."""
    free = re.search(r"^MemAvailable:\s+(\d+) kB$", Path("/proc/meminfo").read_text(), re.MULTILINE)
    return min(int(free[1]) * 1024 if free else 0, *_left_to_containers())


def _left_to_containers() -> Iterator[int]:
    """Yield what the limit of a control group leaves; a large number when there is none."""
    yield 2**62
    group = Path("/sys/fs/cgroup")
    for limit, used in (("memory.max", "memory.current"), ("memory/memory.limit_in_bytes",
                                                           "memory/memory.usage_in_bytes")):
        if (group / limit).is_file() and (text := (group / limit).read_text().strip()).isdigit():
            yield int(text) - int((group / used).read_text())


def _left_behind(memory: Path) -> Iterator[Path]:
    for folder in memory.glob(f"{_PREFIX}*"):
        lock = _locked(folder)
        if lock is not None:
            yield folder
            os.close(lock)


def _locked(folder: Path) -> int | None:
    """Lock a folder; None where somebody else has."""
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock
