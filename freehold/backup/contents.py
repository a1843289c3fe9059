"""Snapshots of folders: signing keys, attached files, settings and secrets.

A snapshot is a list, itself encrypted, of every file with owner, mode and pieces. Owners are kept by name, because a
new machine gives the same account another number. A file whose size and time are those of the snapshot before is not
read again. What can be made anew is left out (`SKIPPED`).
"""

from __future__ import annotations

import grp
import hashlib
import os
import pwd
import stat
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from chassis.clock import utcnow
from chassis.jsonio import dumps, loads
from freehold.backup.errors import BackupError
from freehold.backup.store import Store, write_whole

# The read model is rebuilt from the records; a half-written file is nobody's; the keys of the backup are in the escrow;
# what one of several servers shows to the others is of no use to another.
SKIPPED = ("report.duckdb*", "*.new", "*.tmp", "lock", ".prepared-*", "repository-key",
           "pgbackrest.conf", "node.crt", "node.key", "node.pem")
_NAME = "%Y%m%dT%H%M%S.%fZ"


@dataclass(frozen=True)
class Entry:
    """One file or folder of a snapshot; size, time (ns), digest and pieces are those of a file."""

    path: str
    owner: str
    group: str
    mode: int
    size: int = 0
    changed: int = 0
    digest: str | None = None
    pieces: tuple[str, ...] = ()


@dataclass(frozen=True)
class Snapshot:
    """What the folders held at a time."""

    name: str
    entries: tuple[Entry, ...]

    @property
    def made_at(self) -> datetime:
        return datetime.strptime(self.name, _NAME).replace(tzinfo=UTC)

    @property
    def files(self) -> int:
        return sum(1 for entry in self.entries if entry.digest is not None)


class Contents:
    """The half of a repository that holds folders."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self._lists = folder / "snapshots"
        self._store = Store(folder / "pieces", key)

    def take(self, folders: Iterable[Path]) -> Snapshot:
        """Keep everything below the folders; a file that vanishes meanwhile is left out."""
        before = {entry.path: entry for name in self.names()[-1:] for entry in self.read(name).entries}
        paths = (path for folder in folders for path in _below(folder))
        entries = [entry for path in paths if (entry := self._entry(path, before.get(str(path))))]
        snapshot = Snapshot(utcnow().strftime(_NAME), tuple(entries))
        body = dumps({"entries": [asdict(entry) for entry in entries]}).encode()
        write_whole(self._lists / snapshot.name, self._store.lock(body, snapshot.name))
        return snapshot

    def names(self) -> list[str]:
        """Names of all snapshots, oldest first."""
        return sorted(file.name for file in self._lists.glob("2*Z"))

    def read(self, name: str) -> Snapshot:
        """Return a snapshot's list."""
        body: dict[str, Any] = loads(self._store.unlock((self._lists / name).read_bytes(), name))
        return Snapshot(name, tuple(Entry(**{**one, "pieces": tuple(one["pieces"])}) for one in body["entries"]))

    def newest(self) -> Snapshot:
        """The snapshot taken last."""
        names = self.names()
        if not names:
            raise BackupError("the repository has no snapshot of files")
        return self.read(names[-1])

    def around(self, when: datetime) -> list[Snapshot]:
        """The last snapshot before a time and the first after it: together they have every file of that time."""
        names = self.names()
        before = [name for name in names if Snapshot(name, ()).made_at < when]
        after = [name for name in names if Snapshot(name, ()).made_at >= when]
        return [self.read(name) for name in [*before[-1:], *after[:1]]] or [self.newest()]

    def verify(self, snapshot: Snapshot) -> int:
        """Read every piece and hold it against the list; returns the number of files. Raises BackupError."""
        for entry in snapshot.entries:
            digest = hashlib.sha256()
            for name in entry.pieces:
                digest.update(self._store.get(name))
            if entry.digest not in (None, digest.hexdigest()):
                raise BackupError(f"{entry.path} is not in the repository as it was kept")
        return snapshot.files

    def restore(self, snapshot: Snapshot, below: tuple[Path, ...], root: Path = Path("/")) -> int:
        """Write the files that lie below some folders, with owner and mode; returns how many. Others stay."""
        wanted = [entry for entry in snapshot.entries if any(Path(entry.path).is_relative_to(one) for one in below)]
        for entry in wanted:
            target = root / entry.path.lstrip("/")
            self._write(entry, target)
            _give(target, entry)
        return sum(1 for entry in wanted if entry.digest is not None)

    def expire(self, days: int) -> int:
        """Keep every snapshot of two days and the first of each day before, for some days; returns pieces removed."""
        for name in set(self.names()) - set(_kept(self.names(), days)):
            (self._lists / name).unlink()
        used = {piece for name in self.names() for entry in self.read(name).entries for piece in entry.pieces}
        unused = [name for name in self._store.names() if name not in used]
        for name in unused:
            self._store.remove(name)
        return len(unused)

    def _entry(self, path: Path, before: Entry | None) -> Entry | None:
        try:
            status = path.lstat()
            entry = Entry(str(path), _owner(status.st_uid), _group(status.st_gid), stat.S_IMODE(status.st_mode))
            if stat.S_ISDIR(status.st_mode):
                return entry
            entry = replace(entry, size=status.st_size, changed=status.st_mtime_ns)
            if before and (before.size, before.changed) == (entry.size, entry.changed):
                return replace(entry, digest=before.digest, pieces=before.pieces)
            with path.open("rb") as stream:
                digest, pieces = self._store.put_stream(stream)
        except FileNotFoundError:
            return None
        return replace(entry, digest=digest, pieces=pieces)

    def _write(self, entry: Entry, target: Path) -> None:
        if entry.digest is None:
            target.mkdir(parents=True, exist_ok=True)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}.new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            for name in entry.pieces:
                out.write(self._store.get(name))
        draft.replace(target)


def _kept(names: list[str], days: int) -> Iterator[str]:
    """Which of the names, oldest first, stay."""
    now, seen = utcnow(), set()
    for name in names:
        made = Snapshot(name, ()).made_at
        first = made.date() not in seen
        seen.add(made.date())
        if now - made < timedelta(days=2) or (first and now - made < timedelta(days=days)):
            yield name


def _below(folder: Path) -> Iterator[Path]:
    """A folder, what is below it, sorted; links and sockets are no contents."""
    if not folder.is_dir():
        return
    yield folder
    for path in sorted(folder.iterdir()):
        if any(fnmatch(path.name, pattern) for pattern in SKIPPED) or path.is_symlink():
            continue
        if path.is_dir():
            yield from _below(path)
        elif path.is_file():
            yield path


def _give(target: Path, entry: Entry) -> None:
    target.chmod(entry.mode)
    if os.geteuid() != 0:
        return
    try:
        os.chown(target, pwd.getpwnam(entry.owner).pw_uid, grp.getgrnam(entry.group).gr_gid)
    except KeyError:
        os.chown(target, 0, 0)  # the account comes with the next run of the playbook, which gives it the file


def _owner(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
