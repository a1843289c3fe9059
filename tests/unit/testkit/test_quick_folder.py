"""A test run works in memory where there is enough, and tidies up after runs that are over."""

from __future__ import annotations

from pathlib import Path

import pytest

from chassis.testkit import quick_folder
from chassis.testkit.quick_folder import make_quick_folder


@pytest.fixture(autouse=True)
def a_large_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick_folder, "_available", lambda: 100)


def test_what_dead_runs_left_is_gone_and_living_ones_keep_theirs(tmp_path: Path) -> None:
    (tmp_path / "freehold-tests-nobodys" / "data").mkdir(parents=True)
    alive = make_quick_folder(tmp_path, 50)
    assert alive is not None
    (alive / "data").touch()
    mine = make_quick_folder(tmp_path, 50)
    assert mine is not None
    assert (sorted(tmp_path.iterdir()), list(alive.iterdir())) == (sorted([alive, mine]), [alive / "data"])
    assert mine.stat().st_mode & 0o777 == 0o755


def test_where_memory_is_short_the_disk_is_taken(tmp_path: Path) -> None:
    assert make_quick_folder(tmp_path, 51) is None
    assert make_quick_folder(tmp_path, 2**62) is None
    assert make_quick_folder(tmp_path / "nowhere", 1) is None
