"""What every file of the repository keeps to."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APART = {".git", ".venv", "node_modules", "dist", "build", "var", "__pycache__", "artifacts", ".hypothesis"}
MAX_LINES = 400
REGISTRIES = re.compile(
    r"pypi\.(org|python)|python[h]osted\.|registry\.(npmjs|yarnpkg|npm[m]irror)|"
    r"(deb|security|ftp)\.[a-z.]*debian\.org|tuna\.tsinghua|mirrors\.(aliyun|cloud|ustc)|(quay|ghcr|gcr)\.io"
)
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME)\b|raise NotImplemented" + "Error")


def files(*suffixes: str) -> Iterator[Path]:
    """Files of the repository; all of them, or those with a suffix."""
    for folder, below, names in os.walk(ROOT):
        below[:] = sorted(set(below) - APART)
        yield from (Path(folder, name) for name in sorted(names) if not suffixes or Path(name).suffix in suffixes)


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def test_no_python_file_is_longer_than_400_lines() -> None:
    long = {str(path.relative_to(ROOT)): len(text_of(path).splitlines()) for path in files(".py")}
    assert {name: lines for name, lines in long.items() if lines > MAX_LINES} == {}


def test_every_module_explains_itself() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in files(".py")
        if path.parts[len(ROOT.parts)] != "tests"
        and path.name != "__init__.py"
        and not text_of(path).lstrip().startswith(('"""', "#!"))
    ]
    assert silent == []


def test_nothing_is_left_unfinished() -> None:
    sources = files(".py", ".ts", ".vue", ".sh")
    found = [str(path.relative_to(ROOT)) for path in sources if UNFINISHED.search(text_of(path))]
    assert found == []


def test_no_file_names_a_registry() -> None:
    suffixes = (".py", ".sh", ".md", ".toml", ".in", ".txt", ".json", ".ts", ".vue", ".yml", ".yaml", ".cfg", "")
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in files(*suffixes)
        if path != Path(__file__) and (match := REGISTRIES.search(text_of(path)))
    ]
    assert found == []


def test_no_module_is_a_drawer_for_anything() -> None:
    assert [str(path) for path in files(".py") if path.stem in ("utils", "util", "helpers", "misc", "common")] == []
