"""Whose signature counts: keys that the caller names, or that this machine has pinned; never what a bundle brings.

A file of signers has a key a line: its fingerprint, or its public half as OpenSSH writes it, alone or behind a name as
in an `allowed_signers` file. Two lines are a change of keys. A machine that has pinned keys takes no other one.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from pathlib import Path

from freehold_install.signature import fingerprint
from freehold_install.verify import RefusedError

PINNED = (Path("/etc/freehold/bundle-signers"), Path("/etc/freehold/bundle-fingerprint"))
KIND = "ssh-ed25519"


def trusted(bundle: Path, named: str | None, signers: Path | None, pinned: tuple[Path, ...] = PINNED) -> frozenset[str]:
    """Fingerprints of the keys that may have signed; empty when nobody said. Raises RefusedError."""
    wanted = frozenset([named] if named else []) | (_read(signers, bundle) if signers else frozenset())
    here = next((file for file in pinned if file.is_file()), None)
    if here is None:
        return wanted
    known = _read(here, bundle)
    if wanted - known:
        raise RefusedError(f"{', '.join(sorted(wanted - known))} is not among the keys that {here} pins here. "
                           "If the release has a new key, let whoever keeps that file add it.")
    return wanted or known


def _read(file: Path, bundle: Path) -> frozenset[str]:
    if file.resolve().is_relative_to(bundle.resolve()):
        raise RefusedError(f"{file} came with the bundle, which cannot vouch for itself. Take the key from elsewhere.")
    try:
        mode, text = file.stat().st_mode, file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RefusedError(f"the keys in {file} cannot be read: {error}") from None
    if mode & 0o002:
        raise RefusedError(f"everybody may write to {file}: chmod o-w, and see that the right keys are in it.")
    found = frozenset(_keys(text, file))
    if not found:
        raise RefusedError(f"{file} names no key: write fingerprints (SHA256:…) or public halves ({KIND} …) into it.")
    return found


def _keys(text: str, file: Path) -> Iterator[str]:
    for line in (line.strip() for line in text.splitlines()):
        words = line.split()
        if not words or line.startswith("#"):
            continue
        if words[0].startswith("SHA256:"):
            yield words[0]
        elif KIND in words[:-1]:
            yield _of_public_half(words[words.index(KIND) + 1], file)
        else:
            raise RefusedError(f"{file} has a line that is no key: {line[:60]!r}")


def _of_public_half(text: str, file: Path) -> str:
    try:
        return fingerprint(base64.b64decode(text, validate=True))
    except binascii.Error:
        raise RefusedError(f"{file} has a public key that is cut short: {text[:20]!r}…") from None
