"""How secrets go to and fro between host and inventory: only what differs is written, and nothing in a dry run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

FILES = Path(__file__).resolve().parents[3] / "deploy/ansible/roles/secrets/files"


def run(script: str, *arguments: str, stdin: str = "") -> list[str]:
    return subprocess.run(["sh", str(FILES / script), *arguments], input=stdin, capture_output=True, text=True,
                          check=True).stdout.splitlines()


def packed(folder: Path, *names: str) -> str:
    return "\n".join(run("collect.sh", str(folder), stdin="\n".join(names) + "\n"))


def folder(at: Path, **files: str) -> Path:
    (at / "a").mkdir(parents=True)
    for name, text in files.items():
        (at / "a" / name).write_text(text)
    return at


def test_only_the_named_files_travel_and_only_those_that_differ_are_written(tmp_path: Path) -> None:
    here = folder(tmp_path / "here", same="1", new="2", other="3", hidden="4")
    there = folder(tmp_path / "there", same="1", other="0")
    (there / "a/other").chmod(0o640)
    archive = packed(here, "a/same", "a/new", "a/other", "a/missing")
    assert run("bring.sh", str(there), "dry", stdin=archive) == ["./a/new", "./a/other"]
    assert (there / "a/other").read_text() == "0"
    assert run("bring.sh", str(there), "do", stdin=archive) == ["./a/new", "./a/other"]
    assert {file.name: file.read_text() for file in (there / "a").iterdir()} == {"same": "1", "new": "2", "other": "3"}
    assert [(there / "a" / name).stat().st_mode & 0o777 for name in ("new", "other")] == [0o600, 0o640]
    assert run("bring.sh", str(there), "do", stdin=archive) == []


def test_a_folder_that_is_not_there_yet_gives_nothing_and_takes_everything(tmp_path: Path) -> None:
    nothing = packed(tmp_path / "none", "a/same")
    assert run("bring.sh", str(tmp_path / "target"), "do", stdin=nothing) == []
    archive = packed(folder(tmp_path / "here", same="1"), "a/same")
    assert run("bring.sh", str(tmp_path / "target"), "do", stdin=archive) == ["./a/same"]
    assert (tmp_path / "target/a").stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="gives files to root")
def test_a_file_that_everybody_reads_is_told_and_closed(tmp_path: Path) -> None:
    here = folder(tmp_path / "here", open="1")
    (here / "a/open").chmod(0o644)
    group = (here / "a/open").group()
    asked = f"a/open {group} 0600\n\n"
    assert run("readers.sh", str(here), "dry", stdin=asked) == ["a/open"]
    assert (here / "a/open").stat().st_mode & 0o777 == 0o644
    assert run("readers.sh", str(here), "do", stdin=asked) == ["a/open"]
    assert run("readers.sh", str(here), "do", stdin=asked) == []
    assert (here / "a/open").stat().st_mode & 0o777 == 0o600
