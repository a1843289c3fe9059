"""The files of an image, in memory: merged from packages, wheels and folders, with Debian's merged /usr.

Packages are unpacked, not installed: no maintainer script runs. What a script would have made (users, a bundle of
certificates) the recipes make as files. Everything belongs to root and is not writable by others, unless said.
"""

from __future__ import annotations

import fnmatch
import io
import stat
import subprocess
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

DPKG_DEB = "/usr/bin/dpkg-deb"
MERGED = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
PLAIN = 0o644
RUNNABLE = 0o755


@dataclass(frozen=True)
class Entry:
    """One file (`data`), symbolic link (`target`) or folder (neither)."""

    mode: int
    data: bytes | None = None
    target: str = ""
    owner: int = 0

    @property
    def is_folder(self) -> bool:
        return self.data is None and not self.target


class Tree:
    """Entries by path, without a leading slash."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}

    def file(self, path: str, data: bytes | str, mode: int = PLAIN) -> None:
        """Put a file, and the folders above it."""
        self._put(path, Entry(mode, data.encode() if isinstance(data, str) else data))

    def link(self, path: str, target: str) -> None:
        """Put a symbolic link."""
        self._put(path, Entry(0o777, target=target))

    def folder(self, path: str, mode: int = RUNNABLE, owner: int = 0) -> None:
        """Put a folder; one that is there gets these rights."""
        self._put(path, Entry(mode, owner=owner))

    def package(self, deb: Path, drop: Iterable[str] = ()) -> None:
        """Unpack a Debian package, without the paths that match a pattern of `drop`."""
        unpacked = subprocess.run([DPKG_DEB, "--fsys-tarfile", str(deb)], capture_output=True, check=True).stdout
        with tarfile.open(fileobj=io.BytesIO(unpacked)) as archive:
            for member in archive:
                path = merged(member.name)
                if path and not _matches(path, drop):
                    self._take(path, member, archive)

    def wheel(self, wheel: Path, site: str, drop: Iterable[str] = ()) -> None:
        """Unpack a wheel into the folder `site`; data folders other than libraries are left out."""
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                path = _place_in_site(name)
                if path and not name.endswith("/") and not _matches(path, drop):
                    self.file(f"{site}/{path}", archive.read(name))

    def copy(self, source: Path, path: str) -> None:
        """Put a file of this machine; it may be run when its owner may run it."""
        runnable = source.stat().st_mode & stat.S_IXUSR
        self.file(path, source.read_bytes(), RUNNABLE if runnable else PLAIN)

    def files(self, prefix: str = "") -> Iterator[tuple[str, bytes]]:
        """The files below a folder, sorted by path."""
        for path, entry in sorted(self.entries.items()):
            if entry.data is not None and path.startswith(prefix):
                yield path, entry.data

    def find(self, path: str) -> str | None:
        """The path of what `path` leads to when links are followed; None when it leads nowhere."""
        for _ in range(20):
            path = self._through_folders(merged(path))
            entry = self.entries.get(path)
            if entry is None or not entry.target:
                return path if entry else None
            path = _join(path, entry.target)
        return None

    def minus(self, other: Tree) -> Tree:
        """What this tree has and the other has not, or has otherwise."""
        less = Tree()
        less.entries = {path: entry for path, entry in self.entries.items() if other.entries.get(path) != entry}
        return less

    def snapshot(self) -> Tree:
        """A copy that does not change any more."""
        same = Tree()
        same.entries = dict(self.entries)
        return same

    def size(self) -> int:
        """Bytes of all files."""
        return sum(len(entry.data) for entry in self.entries.values() if entry.data is not None)

    def _take(self, path: str, member: tarfile.TarInfo, archive: tarfile.TarFile) -> None:
        if member.isdir():
            if not self.entries.get(path):
                self.folder(path, RUNNABLE)
        elif member.issym():
            self.link(path, member.linkname)
        elif member.islnk():
            self._put(path, self.entries[merged(member.linkname)])
        elif member.isfile():
            content = archive.extractfile(member)
            self.file(path, content.read() if content else b"", RUNNABLE if member.mode & 0o111 else PLAIN)

    def _put(self, path: str, entry: Entry) -> None:
        path = merged(path)
        for parent in PurePosixPath(path).parents:
            if str(parent) != ".":
                self.entries.setdefault(str(parent), Entry(RUNNABLE))
        self.entries[path] = entry

    def _through_folders(self, path: str) -> str:
        """`path` with links among its folders followed once each."""
        parts = PurePosixPath(path).parts
        for count in range(1, len(parts)):
            head = self.entries.get("/".join(parts[:count]))
            if head is not None and head.target:
                rest = "/".join(parts[count:])
                return self._through_folders(merged(f"{_join('/'.join(parts[:count]), head.target)}/{rest}"))
        return path


def merged(path: str) -> str:
    """A path as it is below a merged /usr, without leading `/` or `./`; "" for the root itself."""
    plain = str(PurePosixPath("/", path)).lstrip("/")
    return f"usr/{plain}" if plain.partition("/")[0] in MERGED and plain not in MERGED else plain


def merged_links(tree: Tree) -> None:
    """Put the links /bin, /lib and so on, as far as their aims exist."""
    for name in MERGED:
        if f"usr/{name}" in tree.entries:
            tree.entries[name] = Entry(0o777, target=f"usr/{name}")


def with_owner(tree: Tree, path: str, owner: int) -> None:
    """Give an entry to a user."""
    tree.entries[path] = replace(tree.entries[path], owner=owner)


def _join(path: str, target: str) -> str:
    folder = PurePosixPath("/", path).parent
    parts: list[str] = []
    for part in PurePosixPath(folder, target).parts[1:]:
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)


def _place_in_site(name: str) -> str:
    """Where a file of a wheel goes below site-packages; "" for scripts, headers and data."""
    first, _, rest = name.partition("/")
    if not first.endswith(".data"):
        return name
    kind, _, path = rest.partition("/")
    return path if kind in ("purelib", "platlib") else ""


def _matches(path: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns)
