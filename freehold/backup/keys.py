"""The keys of a repository.

The repository key is 32 random bytes; each use has a key of its own, derived by HKDF. The recovery key is a pair of
X25519: its public half is on the server and seals the repository key by HPKE (RFC 9180); its private half belongs into
the company's safe.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from freehold.backup.errors import BackupError

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_INFO = b"freehold backup: repository key"


def make_repository_key(file: Path) -> bytes:
    """Return the repository key of a file; the first call makes it."""
    if not file.exists():
        write_private(file, secrets.token_hex(32) + "\n")
    return read_repository_key(file)


def read_repository_key(file: Path) -> bytes:
    """Return the repository key that stands in a file as hexadecimal digits."""
    try:
        key = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        raise BackupError(f"{file} holds no repository key") from None
    if len(key) != 32:
        raise BackupError(f"{file} holds no repository key")
    return key


def derive(key: bytes, use: str) -> bytes:
    """Return the key of one use: `postgres`, `pieces` or `names`."""
    return HKDF(hashes.SHA256(), 32, None, f"freehold backup: {use}".encode()).derive(key)


def make_recovery_key(private: Path, public: Path) -> None:
    """Make a pair; refuses to write over a private half that is there."""
    if private.exists():
        raise BackupError(f"{private} is there already; a repository sealed to it could not be opened without it")
    key = X25519PrivateKey.generate()
    write_private(private, key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode())
    public.parent.mkdir(parents=True, exist_ok=True)
    public.write_bytes(key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))


def seal_key(key: bytes, public: Path) -> bytes:
    """Return the repository key as only the holder of the recovery key can read it."""
    recipient = _load(public, serialization.load_pem_public_key)
    if not isinstance(recipient, X25519PublicKey):
        raise BackupError(f"{public} is no public recovery key (X25519 in PEM)")
    return _SUITE.encrypt(key, recipient, _INFO)


def open_key(sealed: bytes, private: Path) -> bytes:
    """Return the repository key; raises BackupError when it was sealed to another recovery key."""
    holder = _load(private, lambda text: serialization.load_pem_private_key(text, None))
    if not isinstance(holder, X25519PrivateKey):
        raise BackupError(f"{private} is no recovery key (X25519 in PEM)")
    try:
        return _SUITE.decrypt(sealed, holder, _INFO)
    except (InvalidTag, ValueError):
        raise BackupError(f"{private} is not the recovery key of this repository") from None


def write_private(file: Path, text: str) -> None:
    """Write a file whole or not at all, for its owner alone."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f".{file.name}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)


def _load(file: Path, parse: object) -> object:
    try:
        return parse(file.read_bytes())  # type: ignore[operator]
    except (OSError, ValueError, TypeError) as error:
        raise BackupError(f"{file}: {error}") from None
