"""The port of file storage. Keys are ids that the service made; content is written once and never changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

BLOCK = 1 << 18


class FileStoreError(Exception):
    """The store does not answer, or has not what it should have."""


class FileStore(Protocol):
    """Bytes by key."""

    def put(self, key: str, source: Path, sha256: str) -> None:
        """Take a file in; `source` may be moved away. Returns once the bytes are safe."""

    def read(self, key: str) -> Iterator[bytes]:
        """The bytes, piece by piece; raises FileStoreError before the first one when there are none."""

    def remove(self, key: str) -> None:
        """Forget a file; what is gone already is no trouble."""
