"""Whether a bundle is whole and from whom it should be.

`SHA256SUMS` names every file of the bundle with its digest; `SHA256SUMS.sig` is its signature. A bundle is good when
the signature is that of a trusted key and the files are exactly those of the list, byte for byte. Which key is trusted
is never taken from the bundle itself.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from freehold_install.signature import SignatureError, signer_of

LIST, SIGNATURE = "SHA256SUMS", "SHA256SUMS.sig"
LINE = re.compile(r"([0-9a-f]{64})  ([^/\0][^\0]*)")


class RefusedError(Exception):
    """The bundle must not be used; the text says why and what to do."""


class UnknownSignerError(RefusedError):
    """The bundle is whole, but nobody said that this key is trusted."""


def verify(bundle: Path, trusted: Collection[str]) -> str:
    """Check a bundle against the fingerprints that are trusted; returns the signer's. Raises RefusedError."""
    listed, signer = signed_list(bundle)
    if trusted and signer not in trusted:
        wanted = " or ".join(sorted(trusted))
        raise RefusedError(f"the bundle is signed by {signer}, not by {wanted}. Fetch it again from its source.")
    faults = list(_faults(bundle, listed))
    if faults:
        raise RefusedError(
            "the bundle is not as it was signed:\n  "
            + "\n  ".join(faults[:20])
            + "\nFetch it again. Is it a difference to an earlier bundle? Then make it whole: complete --from EARLIER."
        )
    if not trusted:
        raise UnknownSignerError(
            f"the bundle is whole and signed by {signer}. Compare this with the fingerprint that was "
            f"published for the release; if it is the same, repeat with --fingerprint {signer}, "
            "or pin it in /etc/freehold/bundle-signers."
        )
    return signer


def signed_list(bundle: Path) -> tuple[dict[str, str], str]:
    """(digest by path, fingerprint of the signer) of a bundle's list."""
    try:
        text = (bundle / LIST).read_bytes()
        signature = (bundle / SIGNATURE).read_text(encoding="ascii")
    except (FileNotFoundError, UnicodeDecodeError):
        raise RefusedError(
            f"the bundle is not signed: {LIST} or {SIGNATURE} is missing or not readable. Do not use it."
        ) from None
    try:
        signer = signer_of(text, signature)
    except SignatureError as error:
        raise RefusedError(f"{error}. Do not use this bundle.") from None
    return entries(text.decode("utf-8")), signer


def entries(text: str) -> dict[str, str]:
    """Digest by path, of the text of a list; raises RefusedError when a line leads out of the bundle."""
    entries: dict[str, str] = {}
    for line in text.splitlines():
        match = LINE.fullmatch(line)
        if match is None or ".." in match.group(2).split("/"):
            raise RefusedError(f"{LIST} has a line that names no file of the bundle: {line[:80]!r}")
        entries[match.group(2)] = match.group(1)
    return entries


def _faults(bundle: Path, listed: dict[str, str]) -> Iterator[str]:
    here = set(_files(bundle))
    for name in sorted(set(listed) - here):
        yield f"{name} is missing"
    for name in sorted(here - set(listed)):
        yield f"{name} was added"
    for name in sorted(here & set(listed)):
        if (bundle / name).is_symlink():
            yield f"{name} has become a link"
        elif digest(bundle / name) != listed[name]:
            yield f"{name} was altered"


def _files(bundle: Path) -> list[str]:
    """Every file and link below the bundle, except the list and its signature."""
    found = []
    for folder, below, names in os.walk(bundle):
        at = Path(folder)
        links = [name for name in below if (at / name).is_symlink()]
        found += [str((at / name).relative_to(bundle)) for name in [*names, *links]]
    return [name for name in found if name not in (LIST, SIGNATURE)]


def digest(file: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    sha = hashlib.sha256()
    with file.open("rb") as stream:
        for piece in iter(lambda: stream.read(1 << 20), b""):
            sha.update(piece)
    return sha.hexdigest()
