"""Secrets that a service keeps in its database, sealed with a key that is not there.

AES-256-GCM; the key is a file beside the service's signing keys and made with them, so that it is backed up and moved
with them and never stands in a copy of the database. What a secret belongs to (its table and row) is part of the seal:
a sealed text that somebody copies to another row does not open there. The key outlives the rotation of signing keys.
"""

from __future__ import annotations

import base64
import os
import secrets
import threading
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_FORM = "v1:"
_NONCE = 12


class SealBroken(Exception):
    """A sealed text was changed, belongs to something else, or was sealed with another key."""


class Sealer:
    """Seals and opens with the key of one service."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "sealing.key"
        self._cipher: AESGCM | None = None

    def ensure(self) -> None:
        """Make the key when there is none: before the first backup, so that no secret is older than its key's copy."""
        if not self._file.exists():
            self._make()

    def seal(self, text: str, belongs_to: str) -> str:
        """Return the text sealed for one place, as printable characters."""
        nonce = os.urandom(_NONCE)
        sealed = self._key().encrypt(nonce, text.encode(), belongs_to.encode())
        return _FORM + base64.b64encode(nonce + sealed).decode()

    def open(self, sealed: str, belongs_to: str) -> str:
        """Return the text; raises SealBroken."""
        try:
            raw = base64.b64decode(sealed.removeprefix(_FORM), validate=True)
            return self._key().decrypt(raw[:_NONCE], raw[_NONCE:], belongs_to.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise SealBroken(belongs_to) from error

    def _key(self) -> AESGCM:
        if self._cipher is None:
            self.ensure()
            self._cipher = AESGCM(bytes.fromhex(self._file.read_text(encoding="ascii").strip()))
        return self._cipher

    def _make(self) -> None:
        """Write a key whole or not at all; of several processes that start together the first one wins."""
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self._file.with_name(f".sealing.{os.getpid()}.{threading.get_ident()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, self._file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
