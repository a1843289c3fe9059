"""A test run that is killed leaves no server behind."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

PROGRAM = """
import time
from chassis.testkit.servers import PrivatePostgres, PrivateRabbit


postgres, rabbit = PrivatePostgres(), PrivateRabbit()
rabbit.launch()
postgres.start()
rabbit.wait()
print(postgres.folder, rabbit.folder, flush=True)
print(postgres.pid, rabbit.pid, rabbit._epmd.pid, flush=True)
time.sleep(600)
"""


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_servers_end_when_the_process_that_started_them_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        folders = parent.stdout.readline().split()
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert all(runs(pid) for pid in pids)
        parent.kill()
    deadline = time.monotonic() + 30
    while any(runs(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.1)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    assert [pid for pid in pids if runs(pid)] == []
