"""Children die, come back, and end when they are told to."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from freehold.devstack import supervisor as module
from freehold.devstack.supervisor import Child, Supervisor, shorten


@pytest.fixture
def supervisor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(module, "PAUSES", (0.01, 0.05))
    watcher = Supervisor()
    yield watcher
    watcher.stop(watcher.pids(), 5)
    watcher.close()


def python(program: str, folder: Path, name: str = "child") -> Child:
    return Child(name, [sys.executable, "-c", program], dict(os.environ), folder / f"{name}.log", folder)


def eventually(claim: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not claim() and time.monotonic() < deadline:
        time.sleep(0.01)
    return claim()


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_a_killed_child_is_started_again(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.add(python("import time; time.sleep(60)", tmp_path))
    killed = supervisor.kill("child")
    assert eventually(lambda: supervisor.pids().get("child", killed) != killed)
    assert supervisor.deaths() == {"child": 1}


def test_the_kill_takes_forked_processes_along(supervisor: Supervisor, tmp_path: Path) -> None:
    fork = "import os, time; pid = os.fork(); pid and print(pid, flush=True); time.sleep(60)"
    supervisor.add(python(fork, tmp_path))
    assert eventually(lambda: (tmp_path / "child.log").read_text().strip() != "")
    forked = int((tmp_path / "child.log").read_text().split()[0])
    supervisor.kill("child")
    assert eventually(lambda: not is_alive(forked))


def test_a_stopped_child_stays_away(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.add(python("import time; time.sleep(60)", tmp_path))
    supervisor.stop(["child"], 5)
    time.sleep(0.2)
    assert supervisor.pids() == {}
    assert supervisor.deaths() == {"child": 0}


def test_a_child_that_ignores_the_request_to_end_is_killed(supervisor: Supervisor, tmp_path: Path) -> None:
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
    supervisor.add(python(deaf, tmp_path))
    assert eventually(lambda: "ready" in (tmp_path / "child.log").read_text())
    began = time.monotonic()
    supervisor.stop(["child"], 0.3)
    assert time.monotonic() - began < 5
    assert supervisor.pids() == {}


def test_pauses_grow_for_a_child_that_dies_at_once(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.add(python("raise SystemExit(3)", tmp_path))
    assert eventually(lambda: supervisor.deaths()["child"] >= 3)


def test_a_long_log_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOG_BYTES", 3)
    log = tmp_path / "role.log"
    log.write_text("long")
    shorten(log)
    assert not log.exists()
    assert (tmp_path / "role.1.log").read_text() == "long"
