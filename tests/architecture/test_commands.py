"""The commands: documented, well-formed, and without a step that asks a person."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted((ROOT / "scripts").glob("*.sh"))
SUITES = sorted(path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and any(path.glob("**/test_*.py")))


def output(*argv: str) -> str:
    return subprocess.run(
        argv, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=True
    ).stdout


def test_make_alone_lists_the_commands() -> None:
    listed = output("make")
    for command in ("run", "run-full", "test", "lint", "bench", "chaos", "browser-test", "lock", "clean", "help"):
        assert re.search(rf"^  make {command} ", listed, re.MULTILINE), command


@pytest.mark.parametrize("script", [*SCRIPTS, ROOT / ".ci" / "run"], ids=lambda path: path.name)
def test_a_script_is_executable_and_well_formed(script: Path) -> None:
    shell = script.read_text(encoding="utf-8").splitlines()[0]
    assert shell in ("#!/bin/sh", "#!/bin/bash", "#!/usr/bin/env bash")
    assert script.stat().st_mode & 0o111
    output("bash" if "bash" in shell else "sh", "-n", str(script))


@pytest.mark.parametrize("suite", SUITES)
def test_make_test_runs_every_suite(suite: str) -> None:
    assert f"tests/{suite}" in output("make", "--dry-run", "test")
