"""Making a backup: the cluster, a seal, the folders, and what is older than it must be kept goes."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy.engine import URL, make_url

from freehold.backup.contents import Snapshot
from freehold.backup.metrics import report
from freehold.backup.pgbackrest import PgBackRest
from freehold.backup.plan import Plan
from freehold.backup.repository import Repository, configure
from freehold.backup.seals import Seal, set_seal


@dataclass(frozen=True)
class Made:
    """What a backup consists of, and how long it took."""

    label: str
    seal: Seal
    snapshot: Snapshot
    seconds: float


def begin(plan: Plan) -> Repository:
    """Make the repository, let it know the cluster, and see that the log arrives there; repeatable."""
    repository = configure(plan)
    repository.postgres.create_stanza()
    repository.postgres.check()
    return repository


def make(plan: Plan, kind: str, patience: float) -> Made:
    """Make a backup of everything; an incremental one without a full one before it becomes full."""
    started, repository = time.monotonic(), begin(plan)
    label = repository.postgres.backup(kind)
    snapshot = keep_contents(plan, repository)
    seal = set_seal(admin_url(plan), plan.services, label, patience)
    repository.keep_seal(seal)
    wait_for_log(repository.postgres)
    report(plan.metrics_file, last_backup=time.time(), last_backup_seconds=time.monotonic() - started)
    return Made(label, seal, snapshot, time.monotonic() - started)


def keep_contents(plan: Plan, repository: Repository) -> Snapshot:
    """Take a snapshot of the folders and forget old ones."""
    snapshot = repository.contents.take(plan.folders)
    repository.contents.expire(plan.keep_days)
    report(plan.metrics_file, last_files_backup=time.time())
    return snapshot


def wait_for_log(postgres: PgBackRest) -> None:
    """Return when the log up to now is in the repository: pgBackRest's check switches and waits."""
    postgres.check()


def admin_url(plan: Plan) -> URL:
    """Address of PostgreSQL's superuser."""
    return make_url(plan.admin_url_file.read_text(encoding="utf-8").strip())
