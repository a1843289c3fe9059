"""A repository: both halves, the seals between them, and the sealed key.

    postgres/          pgBackRest's half
    contents/          snapshots of folders
    seals/             what each seal has counted, and when one was restored for proof, encrypted
    recovery.sealed    the repository key, for the holder of the recovery key
    lock               held by whoever works on the repository, from whichever server
    key-id             which repository key this is, so that a machine with another one does not write among it
"""

from __future__ import annotations

import fcntl
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from chassis.clock import from_wire, to_wire, utcnow
from chassis.jsonio import dumps, loads
from freehold.backup.contents import Contents
from freehold.backup.errors import BackupError
from freehold.backup.keys import derive, make_repository_key, open_key, read_repository_key, seal_key, write_private
from freehold.backup.pgbackrest import PgBackRest
from freehold.backup.plan import Plan
from freehold.backup.seals import Seal
from freehold.backup.store import Store, write_whole

_VERIFIED = "verified"


@dataclass(frozen=True)
class Repository:
    """An opened repository."""

    plan: Plan
    contents: Contents
    postgres: PgBackRest
    _seals: Store

    def keep_seal(self, seal: Seal) -> None:
        """Keep what a seal has counted, and forget those whose backup is gone."""
        text = dumps(seal.as_json()).encode()
        write_whole(self._seals.folder / seal.name, self._seals.lock(text, seal.name))
        there = {one["label"] for one in self.postgres.backups()}
        for name in self.seal_names():
            if self.read_seal(name).backup not in there:
                (self._seals.folder / name).unlink()

    def seal_names(self) -> list[str]:
        """Names of all seals, oldest first."""
        return sorted(file.name for file in self._seals.folder.glob("freehold-*"))

    def read_seal(self, name: str) -> Seal:
        """Return a seal."""
        return Seal(**loads(self._seals.unlock((self._seals.folder / name).read_bytes(), name)))

    def newest_seal(self) -> Seal:
        """The seal set last; raises BackupError when there is none."""
        names = self.seal_names()
        if not names:
            raise BackupError("no backup was sealed yet; make one first")
        return self.read_seal(names[-1])

    def keep_verified(self) -> None:
        """Remember that a drill gave everything back now."""
        text = to_wire(utcnow()).encode()
        write_whole(self._seals.folder / _VERIFIED, self._seals.lock(text, _VERIFIED))

    def verified_at(self) -> datetime | None:
        """When a drill of any server gave everything back last."""
        file = self._seals.folder / _VERIFIED
        return from_wire(self._seals.unlock(file.read_bytes(), _VERIFIED).decode()) if file.exists() else None

    def restore_contents(self, below: tuple[Path, ...], when: datetime | None, root: Path = Path("/")) -> int:
        """Bring files back as they were at a time, or last; returns how many."""
        snapshots = self.contents.around(when) if when else [self.contents.newest()]
        return sum(self.contents.restore(one, below, root) for one in snapshots)


@contextmanager
def alone(plan: Plan) -> Iterator[None]:
    """Wait until nobody else works on the repository, from this server or another one that mounts it."""
    if not plan.repository.is_dir():
        yield  # it is still to be made, or its disk is not mounted: the work itself says so
        return
    with (plan.repository / "lock").open("a+b") as file:  # a file system of a network locks only what may be written
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def configure(plan: Plan) -> Repository:
    """Open the repository with this machine's key, making what is missing; repeatable."""
    return _opened(plan, make_repository_key(plan.key_file), new=True)


def open_repository(plan: Plan) -> Repository:
    """Open the repository with this machine's key."""
    return _opened(plan, read_repository_key(plan.key_file))


def recover(plan: Plan, recovery_key: Path) -> Repository:
    """Give this machine the repository's key by the recovery key, and open it."""
    try:
        sealed = (plan.repository / "recovery.sealed").read_bytes()
    except OSError as error:
        raise BackupError(f"{plan.repository} is no repository: {error}") from None
    key = open_key(sealed, recovery_key)
    write_private(plan.key_file, key.hex() + "\n")
    return _opened(plan, key)


def _opened(plan: Plan, key: bytes, *, new: bool = False) -> Repository:
    mark, file = derive(key, "id").hex()[:16], plan.repository / "key-id"
    if file.exists():
        if not hmac.compare_digest(file.read_text(encoding="ascii").strip(), mark):
            raise BackupError(f"{plan.repository} belongs to another repository key. Open it with the recovery key "
                              "(`freehold backup recover`), or name another folder")
    elif not new:
        raise BackupError(f"{plan.repository} holds no repository; is its disk mounted?")
    postgres = PgBackRest(plan)
    postgres.configure(key)
    if new:
        write_whole(plan.repository / "recovery.sealed", seal_key(key, plan.recovery_public_key))
        write_whole(file, mark.encode() + b"\n")
    folder = plan.repository / "contents"
    return Repository(plan, Contents(folder, key), postgres, Store(plan.repository / "seals", key))
