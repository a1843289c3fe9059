"""What backup means on a standby: nothing is copied there, because its primary does that into the same repository.

Every server of an installation runs the same timers. A standby only tells its watchers what the repository holds, so
that an alarm sounds when backups are old, whichever server made them.
"""

from __future__ import annotations

from chassis.clock import from_wire
from freehold.backup.metrics import report
from freehold.backup.pgbackrest import run_as
from freehold.backup.plan import Plan
from freehold.backup.repository import open_repository

_QUESTION = "SELECT pg_is_in_recovery()"


def is_standby(plan: Plan) -> bool:
    """Whether this server's PostgreSQL follows another one; raises BackupError when it does not answer."""
    return run_as(plan, [str(plan.programs / "psql"), "-h", str(plan.socket), "-p", str(plan.port), "-U", "postgres",
                         "-wqAtXc", _QUESTION], timeout=30).strip() == "t"


def follow(plan: Plan) -> None:
    """Report what the primaries have put into the repository."""
    repository = open_repository(plan)
    values = {}
    if repository.seal_names():
        values["last_backup"] = from_wire(repository.newest_seal().made_at).timestamp()
    if repository.contents.names():
        values["last_files_backup"] = repository.contents.newest().made_at.timestamp()
    if verified := repository.verified_at():
        values["last_verified_restore"] = verified.timestamp()
    report(plan.metrics_file, **values)
