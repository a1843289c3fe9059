"""Child processes for private servers: under which account they run, on which port, and how they end.

PostgreSQL refuses to run as root, and RabbitMQ should not. When we are root, a server runs under the system
user its Debian package created; otherwise it runs under the current user. Every child asks the kernel for a
signal at the death of its parent (`setpriv --pdeathsig`, set after the change of account because that change
clears it), so that a test run ended by SIGKILL leaves no server behind.
"""

from __future__ import annotations

import os
import pwd
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

# Below the range from which the kernel takes client ports: a port of that range could be taken by somebody's
# outgoing connection while a killed server is away, or a reconnecting client could connect to itself.
PORTS = range(15_000, 30_000)
_given: set[int] = set()


class ServerError(RuntimeError):
    """A private server is not installed, did not start or did not stop; the text says what to look at."""


@dataclass(frozen=True)
class Account:
    """The operating system's user a server runs as."""

    name: str
    uid: int
    gid: int

    @property
    def is_current(self) -> bool:
        return self.uid == os.geteuid()


def current_account() -> Account:
    """The user this process runs as."""
    return Account(str(os.geteuid()), os.geteuid(), os.getegid())


def account_for(package_user: str) -> Account:
    """The current user, or for root the package's system user (created when the package made none)."""
    if os.geteuid() != 0:
        return current_account()
    try:
        entry = pwd.getpwnam(package_user)
    except KeyError:
        useradd = str(find_program("useradd", "/usr/sbin/useradd"))
        subprocess.run([useradd, "--system", "--user-group", "--shell", "/usr/sbin/nologin", package_user], check=True)
        entry = pwd.getpwnam(package_user)
    return Account(package_user, entry.pw_uid, entry.pw_gid)


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens now, and that this function has not given before."""
    for port in random.sample(PORTS, 200):
        if port not in _given and _can_bind(port):
            _given.add(port)
            return port
    raise ServerError("no free port between 15000 and 30000")


def _can_bind(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def find_program(name: str, *patterns: str) -> Path:
    """The newest match of `patterns` (globs of absolute paths), else the program of that name on the PATH."""
    for pattern in patterns:
        matches = sorted(Path("/").glob(pattern.lstrip("/")), key=_version_key)
        if matches:
            return matches[-1]
    found = shutil.which(name)
    if not found:
        raise ServerError(f"{name} is not installed; scripts/install-system.sh installs it")
    return Path(found)


def _version_key(path: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", path.as_posix())]


def make_private_folder(folder: Path | None, account: Account, prefix: str) -> Path:
    """Create (or adopt) a folder that only `account` can open; without a path, a new temporary one."""
    if folder is None:
        folder = Path(tempfile.mkdtemp(prefix=prefix))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    give(folder, account)
    require_reachable(folder, account)
    return folder.resolve()


def give(path: Path, account: Account) -> None:
    """Make `account` the owner of a file or folder that we made."""
    if not account.is_current:
        os.chown(path, account.uid, account.gid)


def require_reachable(folder: Path, account: Account) -> None:
    """Fail early, with a clear sentence, when a folder above is closed to the account (a clone below /root)."""
    if not account.is_current and not is_reachable(folder, account):
        raise ServerError(f"user {account.name} cannot enter {folder}: a folder above it is closed to others")


def is_reachable(folder: Path, account: Account) -> bool:
    """Whether `account` could enter every folder above `folder`."""
    return all(_may_enter(parent, account) for parent in folder.resolve().parents if parent.exists())


def _may_enter(folder: Path, account: Account) -> bool:
    status = folder.stat()
    if status.st_uid == account.uid:
        return bool(status.st_mode & 0o100)
    if status.st_gid == account.gid:
        return bool(status.st_mode & 0o010)
    return bool(status.st_mode & 0o001)


def as_account(account: Account, argv: list[str], death_signal: str | None = None) -> list[str]:
    """`argv` wrapped so that it runs as `account` and gets `death_signal` when its parent dies."""
    setpriv = ["setpriv"]
    if not account.is_current:
        setpriv += [f"--reuid={account.uid}", f"--regid={account.gid}", "--init-groups"]
    if death_signal:
        setpriv += [f"--pdeathsig={death_signal}"]
    if len(setpriv) == 1 or not shutil.which("setpriv"):
        return argv
    return [*setpriv, "--", *argv]


def spawn(
    argv: list[str], account: Account, *, env: Mapping[str, str], cwd: Path, log: Path, death_signal: str
) -> subprocess.Popen[bytes]:
    """Start a long-lived child in a session of its own (a Ctrl-C at the terminal is ours to pass on)."""
    with log.open("ab") as output:
        return subprocess.Popen(
            as_account(account, argv, death_signal),
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def run_as(account: Account, argv: list[str], *, env: Mapping[str, str], cwd: Path, timeout: float = 60) -> str:
    """Run a short command to its end and return its output; ServerError with that output when it fails."""
    done = subprocess.run(
        as_account(account, argv),
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=timeout,
        check=False,
    )
    output = done.stdout.decode("utf-8", "replace")
    if done.returncode != 0:
        raise ServerError(f"{Path(argv[0]).name} failed ({done.returncode}): {output.strip()[-2000:]}")
    return output


def end(process: subprocess.Popen[bytes], stop_signal: int, timeout: float) -> bool:
    """Ask a child to end; kill it after `timeout` seconds. True when it ended by itself."""
    if process.poll() is not None:
        return True
    process.send_signal(stop_signal)
    try:
        process.wait(timeout)
        return True
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        return False


def wait_until(ready: Callable[[], bool], what: str, timeout: float, pause: float = 0.03) -> None:
    """Poll `ready` until it is true; ServerError after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not ready():
        if time.monotonic() > deadline:
            raise ServerError(f"{what} took longer than {timeout:.0f} s")
        time.sleep(pause)


def tail(log: Path, size: int = 2000) -> str:
    """The last characters of a log file, for error texts."""
    return log.read_bytes()[-size:].decode("utf-8", "replace") if log.exists() else ""
