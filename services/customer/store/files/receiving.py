"""Uploads on their way in: copied to a file of their own, counted and hashed while they come."""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from services.customer.store.files.port import BLOCK

_ABANDONED_SECONDS = 24 * 3600


class TooLargeError(Exception):
    """More bytes came than one file may have."""


@dataclass(frozen=True)
class Received:
    """A whole upload."""

    path: Path
    size: int
    sha256: str


def incoming(home: Path) -> Path:
    """The folder of uploads that are not kept yet, on the same disk as the files."""
    return Path(home) / "files" / "incoming"


def receive(home: Path, key: str, source: BinaryIO, limit: int) -> Received:
    """Copy an upload, readable by us only; raises TooLargeError and leaves nothing behind."""
    path = incoming(home) / key
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    size, digest = 0, hashlib.sha256()
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            while piece := source.read(BLOCK):
                size += len(piece)
                if size > limit:
                    raise TooLargeError
                digest.update(piece)
                target.write(piece)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Received(path, size, digest.hexdigest())


def remove_abandoned(home: Path) -> None:
    """Remove what a process that died has left of its uploads."""
    folder = incoming(home)
    for path in folder.iterdir() if folder.is_dir() else ():
        if time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
            path.unlink(missing_ok=True)
