"""A container engine for the tests: the machine's own when it answers, otherwise a private one for this run."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "dist" / "images"


def docker(*arguments: str, check: bool = True, seconds: float = 300, **more: Any) -> str:
    """Run a docker command and return what it printed; fails with what it said on its error output."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=seconds, check=False, **more)
    assert not check or done.returncode == 0, (
        f"docker {' '.join(arguments[:4])}: {done.stderr[-1500:]}{done.stdout[-500:]}"
    )
    return done.stdout.strip()


def docker_succeeds(*arguments: str) -> bool:
    """Whether a docker command ends with 0."""
    return subprocess.run(["docker", *arguments], capture_output=True, timeout=60, check=False).returncode == 0


def compose_command() -> list[str]:
    """`docker compose` where there is one, else `docker-compose`."""
    return ["docker", "compose"] if docker_succeeds("compose", "version") else ["docker-compose"]


@contextlib.contextmanager
def container_engine() -> Iterator[None]:
    """An engine that answers until the block ends."""
    if docker_succeeds("info"):
        yield
        return
    program = shutil.which("dockerd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    assert program, "these tests need a container engine: `make setup-deploy` installs it"
    with tempfile.TemporaryDirectory(prefix="freehold-engine-", dir="/var/tmp", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        command = [
            program,
            "--data-root",
            str(home / "data"),
            "--exec-root",
            str(home / "exec"),
            "--pidfile",
            str(home / "pid"),
        ]
        with (home / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
            try:
                _wait(lambda: docker_succeeds("info"), 60, home / "log")
                yield
            finally:
                process.terminate()
                process.wait(60)


def load_images() -> dict[str, dict[str, Any]]:
    """Load what `make images` has built; returns what is known of each image by its short name."""
    summary = IMAGES / "images.json"
    assert summary.exists(), "there are no images: run `make images`"
    known = {one["name"].rpartition("/")[2].partition(":")[0]: one for one in json.loads(summary.read_text())}
    for short, one in known.items():
        if not docker_succeeds("image", "inspect", one["id"]):
            docker("load", "--input", str(IMAGES / f"{short}.tar"))
    return known


def run_locked(image: str, *more: str, command: Sequence[str] = ()) -> str:
    """Start a container as an installation does: nothing writable, no capability, no network; returns its id."""
    return docker(
        "run",
        "--detach",
        "--read-only",
        "--cap-drop",
        "ALL",
        "--security-opt",
        "no-new-privileges",
        "--network",
        "none",
        "--tmpfs",
        "/tmp:mode=1777",
        *more,
        image,
        *command,
    )


def wait_healthy(container: str, seconds: float = 90) -> None:
    """Return when the image's own health check says yes."""
    check = json.loads(docker("inspect", "--format", "{{json .Config.Healthcheck.Test}}", container))[1:]
    _wait(lambda: docker_succeeds("exec", container, *check), seconds, container)


def owners(container: str) -> set[str]:
    """The users, as numbers, under which processes of a container run."""
    return {line.split()[0] for line in docker("top", container, "-eo", "uid,pid").splitlines()[1:]}


def _wait(claim: Any, seconds: float, about: Path | str) -> None:
    until = time.monotonic() + seconds
    while not claim():
        if time.monotonic() > until:
            said = about.read_text(errors="replace") if isinstance(about, Path) else _log(about)
            raise AssertionError(f"not in time:\n{said[-3000:]}")
        time.sleep(0.3)


def _log(container: str) -> str:
    done = subprocess.run(["docker", "logs", container], capture_output=True, text=True, timeout=30, check=False)
    return done.stdout + done.stderr
