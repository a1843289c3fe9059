"""From a sealed folder to archives: the whole, and the difference to an earlier one.

A difference holds the files that the earlier bundle has not, the list and signature of the whole, and the program;
`freehold-install complete --from EARLIER` puts the rest in its place and checks everything against the list.
"""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path

from deploy.images.debian import read_lock

ALWAYS = ("SHA256SUMS", "SHA256SUMS.sig", "VERSION", "freehold-install", "freehold_install/")


def pack(bundle: Path, archive: Path, wanted: Callable[[str], bool] = lambda _: True) -> Path:
    """Write the wanted files of a folder into an archive, in a fixed order, with the moment of the images' lock."""
    epoch = read_lock()[0]

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        member.mtime = epoch
        return member

    with tarfile.open(archive, "w") as out:
        for file in sorted(bundle.rglob("*")):
            name = str(file.relative_to(bundle))
            if file.is_file() and wanted(name):
                out.add(file, f"{bundle.name}/{name}", filter=plain)
    return archive


def pack_difference(bundle: Path, earlier: Path, archive: Path) -> Path:
    """Write what a bundle has and the archive of an earlier one has not."""
    here, there = _digests((bundle / "SHA256SUMS").read_text(encoding="utf-8")), _digests(_list_of(earlier))
    old = set(there.values())
    return pack(bundle, archive, lambda name: name.startswith(ALWAYS) or here[name] not in old)


def version_of(archive: Path) -> str:
    """The version of the bundle in an archive."""
    return _member(archive, "VERSION").strip()


def _list_of(archive: Path) -> str:
    return _member(archive, "SHA256SUMS")


def _member(archive: Path, name: str) -> str:
    with tarfile.open(archive) as packed:
        member = next(one for one in packed if one.name.count("/") == 1 and one.name.endswith(f"/{name}"))
        content = packed.extractfile(member)
        return content.read().decode("utf-8") if content else ""


def _digests(text: str) -> dict[str, str]:
    """Digest by path."""
    return {path: digest for digest, _, path in (line.partition("  ") for line in text.splitlines())}
