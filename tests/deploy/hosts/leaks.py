"""What nothing may print: every secret of an installation, taken apart into the pieces that would give it away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

SHORTEST = 12
_IN_JSON = re.compile(r'"password(?:_hash)?": *"([^"]+)"')
_OPEN = (".crt", ".pub")  # certificates and public halves


def secrets_of(folder: Path) -> set[str]:
    """The secrets in the files below a folder: whole lines, passwords of addresses, passwords in JSON."""
    return {secret for path in folder.rglob("*") if path.is_file() and path.suffix not in _OPEN
            for secret in _pieces(path.read_text(encoding="utf-8")) if len(secret) >= SHORTEST}


def _pieces(text: str) -> Iterator[str]:
    if found := _IN_JSON.findall(text):
        yield from found
        return
    for line in (line.strip() for line in text.splitlines() if not line.startswith("-----")):
        yield urlsplit(line).password or line if "://" in line else line
