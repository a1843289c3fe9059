"""The full stack of one machine: what `make run-full` serves, and what end-to-end tests, chaos and bench drive."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import urllib3

from freehold.devstack import FullStack
from freehold.devstack.cli import first_start
from freehold.devstack.roles import ROLES


@pytest.fixture(scope="module")
def stack() -> Iterator[FullStack]:
    with FullStack() as started:
        yield started


@pytest.fixture
def web(stack: FullStack) -> Iterator[urllib3.PoolManager]:
    with urllib3.PoolManager(ca_certs=stack.certificate, retries=False, timeout=10) as pool:
        yield pool


def eventually(claim: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while not claim() and time.monotonic() < deadline:
        time.sleep(0.1)
    return claim()


def test_every_role_runs_as_a_process_of_its_own(stack: FullStack) -> None:
    pids = stack.pids()
    assert {role.name for role in ROLES} | {"postgres", "rabbitmq"} <= set(pids)
    assert len(set(pids.values())) == len(pids)


def test_the_edge_leads_to_the_gateway_over_tls_that_can_be_verified(
    stack: FullStack, web: urllib3.PoolManager
) -> None:
    answer = web.request("GET", f"{stack.address}/healthz/ready")
    assert (answer.status, json.loads(answer.data)["service"]) == (200, "gateway")


@pytest.mark.parametrize("service", ["customer", "workflow", "notify", "report"])
def test_the_edge_leads_to_every_service(stack: FullStack, web: urllib3.PoolManager, service: str) -> None:
    answer = web.request("GET", f"{stack.address}/api/{service}/v1/openapi.json")
    assert answer.status == 200
    assert json.loads(answer.data)["openapi"].startswith("3.1")


@pytest.fixture(scope="module")
def restricted(stack: FullStack) -> str:
    """The token of an administrator whose password was just reset at the command line."""
    first_start(stack, demo=False)
    done = subprocess.run([sys.executable, "-m", "freehold.cli", "admin", "reset-password"],
                          env=os.environ | stack.env, check=True, capture_output=True, text=True, timeout=120)
    body = json.dumps({"username": "admin", "password": done.stdout.strip()})
    answer = urllib3.request("POST", f"{stack.gateway_address}/api/auth/login", body=body, timeout=30,
                             headers={"Content-Type": "application/json"})
    return json.loads(answer.data)["access_token"]


@pytest.mark.parametrize("address", ["customer/v1/objects", "workflow/v1/tasks", "notify/v1/inbox",
                                     "report/v1/dashboards", "gateway/v1/people"])
def test_through_both_edges_a_password_that_was_reset_opens_no_service(
    stack: FullStack, web: urllib3.PoolManager, restricted: str, address: str
) -> None:
    for edge in (stack.address, stack.gateway_address):
        answer = web.request("GET", f"{edge}/api/{address}", headers={"Authorization": f"Bearer {restricted}"})
        assert (answer.status, json.loads(answer.data)["code"]) == (403, "password_must_change"), edge


def test_a_killed_role_comes_back(stack: FullStack) -> None:
    killed = stack.kill_role("notify-worker")
    assert eventually(lambda: stack.pids().get("notify-worker", killed) != killed)
    stack.wait_ready()


def test_secrets_are_in_files_for_the_owner_only(stack: FullStack) -> None:
    folders = (stack.layout.secrets, stack.layout.keys)
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert files
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_no_password_stands_in_a_command_line_or_an_environment(stack: FullStack) -> None:
    passwords = {path.read_text().split(":")[2].split("@")[0] for path in stack.layout.secrets.glob("*-url")}
    for pid in stack.supervisor.pids().values():
        shown = Path(f"/proc/{pid}/cmdline").read_bytes() + Path(f"/proc/{pid}/environ").read_bytes()
        assert not any(password.encode() in shown for password in passwords)


def test_no_password_stands_in_a_log(stack: FullStack) -> None:
    passwords = {path.read_text().split(":")[2].split("@")[0] for path in stack.layout.secrets.glob("*-url")}
    for log in stack.layout.logs.glob("*.log"):
        assert not any(password in log.read_text(encoding="utf-8", errors="replace") for password in passwords)


def test_it_stops_within_twenty_seconds_and_leaves_nothing() -> None:
    stack = FullStack(nginx=False).start()
    pids = stack.pids()
    began = time.monotonic()
    stack.stop()
    assert time.monotonic() - began < 20
    assert [pid for pid in pids.values() if Path(f"/proc/{pid}").exists() and os.getpgid(pid) == pid] == []
    assert not stack.layout.folder.exists()
