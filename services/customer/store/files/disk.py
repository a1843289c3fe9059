"""Files in a folder that only the service's own user can read, spread over 256 folders by the end of their ids.

A file is written beside its place and renamed, so it is there whole or not at all.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from services.customer.store.files.port import BLOCK, FileStoreError


class DiskStore:
    """Files below one folder; all processes of the service share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, key: str, source: Path, sha256: str) -> None:
        """Move a file to its place; it must be on the same disk."""
        target = self._path(key)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with source.open("rb") as file:
            os.fsync(file.fileno())
        source.replace(target)
        _sync_folder(target.parent)

    def read(self, key: str) -> Iterator[bytes]:
        """The bytes of a file, piece by piece."""
        try:
            file = self._path(key).open("rb")
        except FileNotFoundError as error:
            raise FileStoreError("the file is not there") from error
        return _pieces(file)

    def remove(self, key: str) -> None:
        """Remove a file."""
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / key[-2:] / key


def _pieces(file) -> Iterator[bytes]:  # type: ignore[no-untyped-def]
    with file:
        while piece := file.read(BLOCK):
            yield piece


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
