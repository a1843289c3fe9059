"""The folder of written exports. Only the service's own user can read it; all processes of the service share it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

_BLOCK = 1 << 18


def folder_of(home: Path) -> Path:
    """Where the files of exports are."""
    return Path(home) / "exports"


def write_file(home: Path, id: str, pieces: Iterable[bytes]) -> int:
    """Write a file in place of what an earlier attempt left; returns its size. It appears when it is whole."""
    folder = folder_of(home)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = folder / f"{id}.part"
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
        size = file.tell()
    part.replace(folder / f"{id}.file")
    return size


def read_file(home: Path, id: str) -> Iterator[bytes]:
    """The bytes of a file; raises FileNotFoundError before the first."""
    file = (folder_of(home) / f"{id}.file").open("rb")

    def pieces() -> Iterator[bytes]:
        with file:
            while piece := file.read(_BLOCK):
                yield piece

    return pieces()


def remove_file(home: Path, id: str) -> None:
    """Remove what there is of an export."""
    for ending in ("part", "file"):
        (folder_of(home) / f"{id}.{ending}").unlink(missing_ok=True)
