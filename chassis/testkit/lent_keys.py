"""One signing key for each issuer in a process: making one and checking it when it is read costs a tenth of a second.

Each harness has its own folder of keys, as an installation has; only the first key in it is the same for all.
"""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from chassis.auth.keys import KeyRing


def lend_key(issuer: str, ring: KeyRing) -> None:
    """Put the issuer's key into a ring's folder when that has none, and into the ring as if it had read it."""
    ring._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not any(ring._folder.glob("*.pem")):
        folder, made = _made(issuer)
        shutil.copytree(folder.name, ring._folder, dirs_exist_ok=True)
        ring._keys, ring._read_at = made._current(), ring._folder.stat().st_mtime_ns


@cache
def _made(issuer: str) -> tuple[TemporaryDirectory[str], KeyRing]:
    folder = TemporaryDirectory(prefix=f"freehold-key-{issuer}-", ignore_cleanup_errors=True)
    ring = KeyRing(Path(folder.name))
    ring.ensure()
    return folder, ring
