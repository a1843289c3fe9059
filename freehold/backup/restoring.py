"""Bringing a machine back: PostgreSQL to its last moment or to a given second, and the folders of that time.

PostgreSQL must be stopped. What its data folder holds is compared with the backup, and only what differs is fetched.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from freehold.backup.errors import BackupError
from freehold.backup.pgbackrest import give_to, until
from freehold.backup.plan import Plan
from freehold.backup.repository import open_repository

READ_MODEL = "report.duckdb*"


@dataclass(frozen=True)
class Restored:
    """What was brought back."""

    files: int
    when: datetime | None


def restore(plan: Plan, when: datetime | None) -> Restored:
    """Bring everything back as it was at a time, or as it was last."""
    if (plan.cluster / "postmaster.pid").exists():
        raise BackupError(f"PostgreSQL runs with {plan.cluster}, or ended without saying so; stop it first")
    repository = open_repository(plan)
    plan.cluster.mkdir(parents=True, exist_ok=True, mode=0o700)
    give_to(plan, plan.cluster)
    delta = ("--delta",) if (plan.cluster / "PG_VERSION").exists() else ()
    repository.postgres.restore(plan.cluster, *delta, *(until(when) if when else ("--type=default",)))
    files = repository.restore_contents(plan.folders, when)
    _forget_read_models(plan.folders)
    return Restored(files, when)


def _forget_read_models(folders: tuple[Path, ...]) -> None:
    """A read model may know what is no longer so; it is rebuilt from the records."""
    for folder in folders:
        for file in folder.rglob(READ_MODEL):
            file.unlink()
