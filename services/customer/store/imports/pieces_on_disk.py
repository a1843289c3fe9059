"""The file of an upload that comes in pieces: what was confirmed stays, what was not is written over."""

from __future__ import annotations

import os
from pathlib import Path


def part_of(home: Path, id: str) -> Path:
    """Where the bytes of an upload gather."""
    return Path(home) / "imports" / f"{id}.part"


def put_piece(path: Path, offset: int, piece: bytes) -> None:
    """Write a piece behind the first `offset` bytes, for good; nothing stands behind it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        file.seek(offset)
        file.write(piece)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())
