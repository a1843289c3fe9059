"""What the builder refuses: programs without their libraries, packages that are not those of the lock."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.images import debian
from deploy.images.debian import Apt, BuildError, Package, read_lock, write_lock
from deploy.images.elf import missing_libraries
from deploy.images.recipes import RECIPES
from deploy.images.tree import Tree


def test_a_program_without_its_library_is_found() -> None:
    tree = Tree()
    tree.file("usr/bin/python", Path(sys.executable).resolve().read_bytes())
    assert "usr/bin/python needs libc.so.6" in missing_libraries(tree)
    tree.file("usr/lib/x86_64-linux-gnu/libc.so.6", "here")
    assert "usr/bin/python needs libc.so.6" not in missing_libraries(tree)


def test_what_is_no_program_needs_nothing() -> None:
    tree = Tree()
    tree.file("usr/bin/script", "#!/bin/sh\n")
    assert missing_libraries(tree) == []


def test_a_lock_reads_as_it_was_written(tmp_path: Path) -> None:
    packages = {"app": [Package("b", "1:2-3", "0" * 64, "b"), Package("a", "1", "1" * 64, "s")], "edge": []}
    write_lock(packages, tmp_path / "lock")
    epoch, read = read_lock(tmp_path / "lock")
    assert read == {"app": sorted(packages["app"]), "edge": []}
    assert epoch % 86_400 == 0


def test_a_lock_keeps_its_moment_when_nothing_has_changed(tmp_path: Path) -> None:
    packages = {"app": [Package("a", "1", "1" * 64, "s")]}
    write_lock(packages, tmp_path / "lock")
    old = (tmp_path / "lock").read_text().replace(f"epoch {read_lock(tmp_path / 'lock')[0]}", "epoch 86400")
    (tmp_path / "lock").write_text(old)
    write_lock(packages, tmp_path / "lock")
    assert read_lock(tmp_path / "lock")[0] == 86_400
    write_lock({"app": [Package("a", "2", "1" * 64, "s")]}, tmp_path / "lock")
    assert read_lock(tmp_path / "lock")[0] > 86_400


def test_every_image_is_locked_and_nothing_that_installs_is_in_one() -> None:
    _, packages = read_lock()
    assert list(packages) == [recipe.name for recipe in RECIPES]
    for recipe in RECIPES:
        assert {one.name for one in packages[recipe.name]} & set(recipe.without) == set()


def test_a_package_that_is_not_the_one_of_the_lock_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = Package("p", "1", "0" * 64, "p")

    def arrive(argv: list[str], cwd: Path, **_: object) -> subprocess.CompletedProcess[str]:
        (cwd / "p_1_all.deb").write_bytes(b"something else")
        return subprocess.CompletedProcess(argv, 0, "", "")

    monkeypatch.setattr(debian.subprocess, "run", arrive)
    with pytest.raises(BuildError, match="not the file that"):
        Apt(tmp_path / "apt").fetch([package], tmp_path / "debs")
    assert not (tmp_path / "debs" / package.file_name).exists()
