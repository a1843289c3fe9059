"""Signing a bundle with OpenSSH: the key may be a file, or sit in an agent or a hardware token.

FREEHOLD_SIGNING_KEY names the key (its public half is enough when an agent holds the rest). Without it a key of this
working copy is made once; it shows that a bundle is whole, and its fingerprint is that of nobody but its maker.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

NAMESPACE = "freehold-bundle"


class SigningError(Exception):
    """The bundle could not be signed."""


def sign(file: Path, own_key: Path) -> str:
    """Write the signature of a file beside it; returns the fingerprint of the key."""
    key = _key(own_key)
    _ssh_keygen("-q", "-Y", "sign", "-f", str(key), "-n", NAMESPACE, str(file))
    return _ssh_keygen("-l", "-E", "sha256", "-f", str(key)).split()[1]


def public_half(own_key: Path) -> str:
    """The line that a company pins: the key that `sign` uses, without its secret."""
    key = _key(own_key)
    beside = key if key.suffix == ".pub" else key.with_name(f"{key.name}.pub")
    return beside.read_text(encoding="utf-8") if beside.exists() else _ssh_keygen("-y", "-f", str(key))


def _key(own_key: Path) -> Path:
    named = os.environ.get("FREEHOLD_SIGNING_KEY")
    return Path(named) if named else _own(own_key)


def _own(key: Path) -> Path:
    if not key.exists():
        key.parent.mkdir(parents=True, exist_ok=True)
        _ssh_keygen("-q", "-t", "ed25519", "-N", "", "-C", NAMESPACE, "-f", str(key))
    return key


def _ssh_keygen(*arguments: str) -> str:
    program = shutil.which("ssh-keygen")
    if program is None:
        raise SigningError("ssh-keygen is missing: install openssh-client")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise SigningError(f"ssh-keygen {arguments[0]}: {done.stderr.strip()[-400:]}")
    return done.stdout
