"""A folder in memory for everything that a test run writes, and that is gone afterwards.

Tests make thousands of databases. On a disk each costs a second of the kernel's time or of waiting for the disk; in
memory it costs some hundredths. The folder is named after the process that owns it, so that the next run can tell which
one nobody needs any more: a run that was killed, or one that failed and left something to look at.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it, open to nobody else's writing
ENOUGH = 6 * 2**30  # bytes: twice what the largest suite has at one time
_PREFIX = "freehold-tests-"


def make_quick_folder(memory: Path = MEMORY, enough: int = ENOUGH) -> Path | None:
    """Make this process' folder in memory; None where there is too little of it or programs may not run from it."""
    if not _fits(memory, enough):
        return None
    for left in _left_behind(memory):
        shutil.rmtree(left, ignore_errors=True)
    folder = memory / f"{_PREFIX}{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o755)  # servers run under accounts of their own below it
    return folder


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
        owner = folder.name.removeprefix(_PREFIX)
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            yield folder
