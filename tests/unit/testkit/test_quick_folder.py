"""A test run works in memory where there is enough, and tidies up after runs that are over."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chassis.testkit import quick_folder
from chassis.testkit.quick_folder import make_quick_folder


@pytest.fixture(autouse=True)
def a_large_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick_folder, "_available", lambda: 100)


def test_the_folder_bears_the_name_of_its_process_and_what_dead_runs_left_is_gone(tmp_path: Path) -> None:
    nobody = (tmp_path / "freehold-tests-4194305" / "data")  # above the kernel's largest process id
    alive = tmp_path / f"freehold-tests-{os.getppid()}"
    for folder in (nobody, alive, tmp_path / "freehold-tests-notes"):
        folder.mkdir(parents=True)
    assert make_quick_folder(tmp_path, 50) == tmp_path / f"freehold-tests-{os.getpid()}"
    assert sorted(tmp_path.iterdir()) == sorted(
        [alive, tmp_path / f"freehold-tests-{os.getpid()}", tmp_path / "freehold-tests-notes"])


def test_where_memory_is_short_the_disk_is_taken(tmp_path: Path) -> None:
    assert make_quick_folder(tmp_path, 51) is None
    assert make_quick_folder(tmp_path, 2**62) is None
    assert make_quick_folder(tmp_path / "nowhere", 1) is None
