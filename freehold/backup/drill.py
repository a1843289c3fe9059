"""The drill: restore the newest seal into a place of its own, count again, and read every file that was kept."""

from __future__ import annotations

import time
from dataclasses import dataclass

from freehold.backup.errors import BackupError
from freehold.backup.fingerprints import Fingerprint, differences, fingerprint
from freehold.backup.metrics import report
from freehold.backup.plan import Plan
from freehold.backup.repository import open_repository
from freehold.backup.scratch import restored
from freehold.backup.seals import Seal, connect


@dataclass(frozen=True)
class Verified:
    """What came back as it was sealed."""

    seal: Seal
    tables: int
    rows: int
    files: int
    seconds: float


def drill(plan: Plan) -> Verified:
    """Prove that the newest backup gives back every row and file; raises BackupError with the differences."""
    started, repository = time.monotonic(), open_repository(plan)
    seal = repository.newest_seal()
    found: dict[str, Fingerprint] = {}
    with restored(plan, repository.postgres, *_up_to(seal)) as url:
        for database in seal.databases:
            with connect(url, database) as connection:
                found[database] = fingerprint(connection)
    if lines := differences(seal.databases, found):
        raise BackupError("the restored cluster is not what was sealed:\n  " + "\n  ".join(lines[:50]))
    files = repository.contents.verify(repository.contents.newest())
    seconds = time.monotonic() - started
    repository.keep_verified()
    report(plan.metrics_file, last_verified_restore=time.time(), last_verified_restore_seconds=seconds)
    tables = [entry for database in found.values() for entry in database.values()]
    return Verified(seal, len(tables), sum(int(rows) for rows, _ in tables), files, seconds)


def _up_to(seal: Seal) -> tuple[str, ...]:
    return ("--type=name", f"--target={seal.name}", "--target-action=promote", f"--set={seal.backup}",
            f"--target-timeline={seal.timeline}")
