"""Pieces of files, encrypted and kept once.

A piece is at most 4 MiB of a file. Its name is a keyed digest of what it holds, so that the same bytes are stored once
however often they are backed up, and a stranger cannot tell from a name what is inside. It is encrypted by AES-256-GCM
with its name as associated data: a piece that was altered, cut or put in another's place is refused.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from freehold.backup.errors import BackupError
from freehold.backup.keys import derive

PIECE = 4 << 20
_NONCE = 12


class Store:
    """The pieces below a folder, locked with a repository key."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self.folder = folder
        self._names, self._cipher = derive(key, "names"), AESGCM(derive(key, "pieces"))

    def put_stream(self, stream: BinaryIO) -> tuple[str, tuple[str, ...]]:
        """Keep a stream; returns its SHA-256 and the names of its pieces in order."""
        digest, names = hashlib.sha256(), []
        for piece in iter(lambda: stream.read(PIECE), b""):
            digest.update(piece)
            names.append(self.put(piece))
        return digest.hexdigest(), tuple(names)

    def put(self, piece: bytes) -> str:
        """Keep one piece unless it is there; returns its name."""
        name = hmac.new(self._names, piece, hashlib.sha256).hexdigest()
        file = self._file(name)
        if not file.exists():
            write_whole(file, self.lock(piece, name))
        return name

    def get(self, name: str) -> bytes:
        """Return one piece; raises BackupError when it is missing or not what was put."""
        try:
            piece = self.unlock(self._file(name).read_bytes(), name)
        except OSError:
            raise BackupError(f"the repository lacks the piece {name}") from None
        if not hmac.compare_digest(hmac.new(self._names, piece, hashlib.sha256).hexdigest(), name):
            raise BackupError(f"the piece {name} holds something else")
        return piece

    def lock(self, text: bytes, name: str) -> bytes:
        """Return a text encrypted under its name."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, text, name.encode())

    def unlock(self, locked: bytes, name: str) -> bytes:
        """Return what `lock` was given; raises BackupError for another key, another name or altered bytes."""
        try:
            return self._cipher.decrypt(locked[:_NONCE], locked[_NONCE:], name.encode())
        except (InvalidTag, ValueError):
            raise BackupError(f"{name} was altered, or locked with another repository key") from None

    def names(self) -> Iterator[str]:
        """The names of all pieces."""
        return (file.name for file in self.folder.glob("??/*") if not file.name.startswith("."))

    def remove(self, name: str) -> None:
        """Forget a piece that nobody names any more."""
        self._file(name).unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        return self.folder / name[:2] / name


def write_whole(file: Path, text: bytes) -> None:
    """Write a file whole or not at all, and see it on the disk."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f".{file.name}.new")
    with draft.open("wb") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
