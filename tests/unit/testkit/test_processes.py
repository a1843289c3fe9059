"""Accounts, ports and folders of private servers."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from chassis.testkit import processes
from chassis.testkit.processes import Account, ServerError, as_account, current_account, find_program, free_port

STRANGER = Account("stranger", 54_321, 54_321)


def test_a_port_is_given_once_and_lies_below_the_clients_ports() -> None:
    given = [free_port() for _ in range(50)]
    assert len(set(given)) == len(given)
    assert max(given) < 32_768


def test_a_port_in_use_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr(processes, "PORTS", range(taken.getsockname()[1], taken.getsockname()[1] + 1))
        monkeypatch.setattr(processes.random, "sample", lambda ports, _: list(ports))
        with pytest.raises(ServerError, match="no free port"):
            free_port()


def test_a_closed_folder_above_is_noticed_before_a_server_fails(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "data").mkdir(parents=True)
    closed.chmod(0o700)
    assert not processes.is_reachable(closed / "data", STRANGER)
    with pytest.raises(ServerError, match="stranger cannot enter"):
        processes.require_reachable(closed / "data", STRANGER)


def test_the_owner_may_enter_what_others_may_not(tmp_path: Path) -> None:
    assert processes.is_reachable(tmp_path / "data", current_account())


def test_the_newest_version_of_a_program_is_taken(tmp_path: Path) -> None:
    for version in ("9", "15", "17"):
        (tmp_path / version / "bin").mkdir(parents=True)
        (tmp_path / version / "bin" / "initdb").touch()
    assert find_program("initdb", f"{tmp_path}/*/bin/initdb").parts[-3] == "17"


def test_a_missing_program_says_how_to_get_it() -> None:
    with pytest.raises(ServerError, match=r"install-system\.sh"):
        find_program("no-such-program-here")


def test_a_command_runs_as_another_user_only_when_there_is_one() -> None:
    assert as_account(current_account(), ["true"]) == ["true"]
    assert as_account(STRANGER, ["true"])[:2] == ["setpriv", "--reuid=54321"]


def test_a_failed_command_says_what_it_printed(tmp_path: Path) -> None:
    program = [sys.executable, "-c", "print('the reason'); raise SystemExit(4)"]
    with pytest.raises(ServerError, match=r"failed \(4\): the reason"):
        processes.run_as(current_account(), program, env=dict(os.environ), cwd=tmp_path)


def test_a_unit_test_cannot_leave_the_machine() -> None:
    with pytest.raises(OSError, match=r"tried to reach 192\.0\.2\.1"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
