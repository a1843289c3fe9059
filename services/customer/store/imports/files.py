"""The folder of uploaded sheets: for each import the file as it came and the rows staged from it.

Only the service's own user can read it. In the servers mode all processes of the service share it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from services.customer.model.sheets.problems import SheetError

_BLOCK = 1 << 20


@dataclass(frozen=True)
class ImportFiles:
    """Paths of one import's files."""

    upload: Path
    staging: Path

    def remove(self) -> None:
        """Remove both; what is gone already is no trouble."""
        for path in (self.upload, self.staging):
            path.unlink(missing_ok=True)


def files_of(home: Path, id: str) -> ImportFiles:
    """The files of an import below the home folder."""
    folder = Path(home) / "imports"
    return ImportFiles(folder / f"{id}.upload", folder / f"{id}.rows")


def receive(source: BinaryIO, files: ImportFiles, limit: int) -> tuple[int, str]:
    """Copy an upload to its place, readable by us only; returns its size and SHA-256."""
    files.upload.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    size, digest = 0, hashlib.sha256()
    with _private(files.upload) as target:
        for block in _blocks(source):
            size += len(block)
            if size > limit:
                raise SheetError("sheet_too_large", limit=limit >> 20)
            digest.update(block)
            target.write(block)
        target.flush()
        os.fsync(target.fileno())
    _private(files.staging).close()
    return size, digest.hexdigest()


def settle(files: ImportFiles) -> None:
    """Bring the staged rows to the disk for good."""
    with files.staging.open("rb") as staged:
        os.fsync(staged.fileno())


def _private(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _blocks(source: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: source.read(_BLOCK), b"")
