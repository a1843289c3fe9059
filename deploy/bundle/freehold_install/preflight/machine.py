"""The machine itself: processor, memory, disk, open files, system, clock."""

from __future__ import annotations

import ctypes
import os
import platform
import re
import resource
import shutil
import socket
import struct
import tempfile
import time
from pathlib import Path

from freehold_install.preflight.results import PASS, SKIP, WARN, Result, judged

GIB = 1 << 30
SYSTEMS = {("debian", "12"), ("debian", "13"), ("ubuntu", "22.04"), ("ubuntu", "24.04")}
OLDEST_KERNEL = (5, 10)
OPEN_FILES = 65_536
UNSYNCHRONISED, ERROR_STATE = 0x40, 5
NTP_TO_UNIX = 2_208_988_800


def processors(needed: int) -> Result:
    """Processors that this process may use."""
    count = len(os.sched_getaffinity(0))
    return judged("processors", count >= needed, str(count), f"{needed} or more", "give the machine more processors")


def memory(needed_gib: float) -> Result:
    """Memory of the machine; a little less than bought counts as whole, since the kernel keeps some."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    return judged(
        "memory",
        total >= needed_gib * 0.94,
        f"{total:.1f} GiB",
        f"{needed_gib:g} GiB or more",
        "give the machine more memory",
    )


def disk_space(folder: Path, needed_gib: float) -> Result:
    """Free space where the data will be."""
    place = nearest(folder)
    free = shutil.disk_usage(place).free / GIB
    return judged(
        "disk space",
        free >= needed_gib,
        f"{free:.0f} GiB free at {place}",
        f"{needed_gib:g} GiB",
        f"free space on, or mount a larger disk at, {place}",
    )


def disk_sync(folder: Path, most_ms: float = 10.0, rounds: int = 200) -> Result:
    """How long the disk takes to keep 8 KiB for good, as every commit does: the 99th of 100."""
    place, name = nearest(folder), "disk latency"
    try:
        slow = _sync_milliseconds(place, rounds)
    except OSError as error:
        return Result(
            name,
            SKIP,
            f"{place} is not writable for this user: {error.strerror}",
            "a file can be written",
            "run the preflight as root",
        )
    return judged(
        name,
        slow <= most_ms,
        f"fdatasync p99 {slow:.2f} ms at {place}",
        f"{most_ms:g} ms or less",
        "use a disk with a lower write latency (local SSD, or storage with a protected write cache)",
    )


def _sync_milliseconds(place: Path, rounds: int) -> float:
    taken = []
    with tempfile.TemporaryFile(dir=place) as file:
        for _ in range(rounds):
            file.write(b"\0" * 8192)
            file.flush()
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - began)
    return sorted(taken)[int(rounds * 0.99) - 1] * 1000


def open_files() -> Result:
    """Files that one process may open at most; PostgreSQL and RabbitMQ need many."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = "unlimited" if hard == resource.RLIM_INFINITY else str(hard)
    return judged(
        "open files",
        hard == resource.RLIM_INFINITY or hard >= OPEN_FILES,
        count,
        f"{OPEN_FILES} or more",
        "raise the hard limit `nofile` of the service manager or container engine",
    )


def system(release: Path = Path("/etc/os-release")) -> Result:
    """Operating system and processor family."""
    about = _release(release)
    named = f"{about.get('ID', 'unknown')} {about.get('VERSION_ID', '')}".strip()
    known = (about.get("ID", ""), about.get("VERSION_ID", "")) in SYSTEMS
    if platform.machine() != "x86_64":
        return judged(
            "system", False, f"{named} on {platform.machine()}", "x86_64", "use a machine with x86_64 processors"
        )
    return judged(
        "system",
        known,
        named,
        "Debian 12 or 13, or Ubuntu 22.04 or 24.04",
        "packages for hosts are Debian's; with containers other systems work as well",
        WARN,
    )


def kernel(release: str | None = None) -> Result:
    """Version of the kernel."""
    text = release or platform.release()
    match = re.match(r"(\d+)\.(\d+)", text)
    version = (int(match.group(1)), int(match.group(2))) if match else (0, 0)
    return judged("kernel", version >= OLDEST_KERNEL, text, "5.10 or newer", "update the operating system")


def clock() -> Result:
    """Whether the kernel says that something keeps its clock right."""
    try:
        state, flags = _kernel_clock()
    except OSError as error:
        return Result(
            "clock",
            SKIP,
            f"the kernel does not say ({error.strerror})",
            "a synchronised clock",
            "compare the clock with the company's: --ntp SERVER",
        )
    good = state != ERROR_STATE and not flags & UNSYNCHRONISED
    return judged(
        "clock",
        good,
        "synchronised" if good else "not synchronised",
        "synchronised",
        "let chrony or systemd-timesyncd follow the company's time server",
        WARN,
    )


def clock_skew(server: str, most_seconds: float = 1.0) -> Result:
    """Difference to the company's time server, asked by SNTP (RFC 4330)."""
    name = "clock skew"
    try:
        skew = _skew(server)
    except OSError as error:
        return judged(
            name,
            False,
            f"{server} does not answer: {error}",
            f"{most_seconds:g} s or less",
            "name a time server that this machine reaches on UDP port 123",
        )
    return judged(
        name,
        abs(skew) <= most_seconds,
        f"{skew:+.3f} s to {server}",
        f"{most_seconds:g} s or less",
        "set the clock: tokens and certificates are refused when it is wrong",
    )


def _skew(server: str) -> float:
    host, _, port = server.partition(":")
    family, kind, protocol, _, address = socket.getaddrinfo(host, int(port or 123), type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind, protocol) as line:
        line.settimeout(3)
        sent = time.time()
        line.sendto(b"\x1b" + 47 * b"\0", address)
        answer = line.recv(512)
        received = time.time()
    if len(answer) < 48:
        raise OSError("the answer is too short")
    seconds, fraction = struct.unpack(">II", answer[40:48])
    return seconds - NTP_TO_UNIX + fraction / 2**32 - (sent + received) / 2


def _kernel_clock() -> tuple[int, int]:
    """(state, status flags) of ntp_adjtime, which changes nothing when its modes are 0; see adjtimex(2)."""
    library = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(256)
    state = library.adjtimex(buffer)
    if state < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    (status,) = struct.unpack_from("i", buffer, 40)
    return state, status


def _release(file: Path) -> dict[str, str]:
    if not file.is_file():
        return {}
    pairs = (line.partition("=") for line in file.read_text(encoding="utf-8").splitlines() if "=" in line)
    return {name: value.strip("\"'") for name, _, value in pairs}


def nearest(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that exists."""
    return next(place for place in (folder, *folder.resolve().parents) if place.is_dir())


def container_engine(program: str | None) -> Result:
    """Whether Docker or Podman is here."""
    return (
        Result("container engine", PASS, program, "Docker or Podman")
        if program
        else judged(
            "container engine",
            False,
            "none",
            "Docker 20.10 or Podman 4 or newer",
            "install docker.io (the bundle has its packages in debs/) or podman",
        )
    )
