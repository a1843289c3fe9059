"""Signing keys: RSA keys as files, one folder per issuer; the newest signs, all of them verify.

Rotation is a new file; an old one is removed when no token it signed can still live. Processes notice by the folder's
modification time. Key ids are UUIDv7, so the newest sorts last.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from chassis.ids import new_id
from chassis.jsonio import loads


class KeyRing:
    """The keys of one issuer."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._read_at = -1
        self._keys: dict[str, Any] = {}

    def ensure(self) -> None:
        """Make the first key when there is none; safe when several processes start together."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._current():
            self.rotate(first=True)

    def rotate(self, first: bool = False) -> str:
        """Add a key that signs from now on; returns its id."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                serialization.NoEncryption())
        key_id = "00000000-first" if first else new_id()
        draft = self._folder / f".{key_id}.{os.getpid()}.{threading.get_ident()}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
        try:
            os.link(draft, self._folder / f"{key_id}.pem")  # the first of several processes wins
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        return key_id

    def retire(self, keep: int = 2) -> list[str]:
        """Remove all but the newest `keep` keys; returns the ids removed."""
        old = sorted(self._folder.glob("*.pem"))[:-keep]
        for file in old:
            file.unlink()
        return [file.stem for file in old]

    def signing(self) -> tuple[str, Any]:
        """Return (key id, private key) of the newest key."""
        keys = self._current()
        newest = max(keys)
        return newest, keys[newest]

    def newest_made_at(self) -> datetime:
        """Return when the signing key was made."""
        newest = self._folder / f"{self.signing()[0]}.pem"
        return datetime.fromtimestamp(newest.stat().st_mtime, UTC)

    def public(self, key_id: str) -> Any | None:
        """Return the public key of that id, or None."""
        key = self._current().get(key_id)
        return key.public_key() if key else None

    def jwks(self) -> dict[str, Any]:
        """Return the public keys as a JSON Web Key Set (RFC 7517)."""
        return {"keys": [loads(RSAAlgorithm.to_jwk(key.public_key())) | {"kid": key_id, "use": "sig", "alg": "RS256"}
                         for key_id, key in sorted(self._current().items())]}

    def secret_for(self, purpose: str) -> bytes:
        """Derive a symmetric secret that all processes of this issuer share, from the oldest key."""
        keys = self._current()
        pem = keys[min(keys)].private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8,
                                            serialization.NoEncryption())
        return hmac.new(pem, purpose.encode(), hashlib.sha256).digest()

    def sign(self, claims: dict[str, Any]) -> str:
        """Return a JWT with these claims, RS256."""
        key_id, key = self.signing()
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": key_id})

    def _current(self) -> dict[str, Any]:
        with self._lock:
            changed = self._folder.stat().st_mtime_ns
            if changed != self._read_at:
                self._keys = {file.stem: serialization.load_pem_private_key(file.read_bytes(), None)
                              for file in self._folder.glob("*.pem")}
                self._read_at = changed
            return self._keys
