"""pgBackRest, called as PostgreSQL's own account.

Its configuration names the repository's half `postgres`, encrypted by pgBackRest with a key that is derived from the
repository key. PostgreSQL archives each piece of its log through the same configuration.
"""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chassis.jsonio import loads
from freehold.backup.errors import BackupError
from freehold.backup.keys import derive
from freehold.backup.plan import Plan

STANZA = "freehold"
_CONFIG = """\
# Written by `freehold backup configure`; changes here are lost.
[global]
repo1-path={plan.repository}/postgres
repo1-cipher-type=aes-256-cbc
repo1-cipher-pass={password}
repo1-retention-full={plan.keep_full}
repo1-bundle=y
compress-type=zst
start-fast=y
lock-path={plan.repository}/postgres/lock
log-level-console=warn
log-level-file=off

[{stanza}]
pg1-path={plan.cluster}
pg1-socket-path={plan.socket}
pg1-port={plan.port}
pg1-user=postgres
"""


class PgBackRest:
    """The commands that a backup, a restoration and a drill need."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.config = plan.key_file.parent / "pgbackrest.conf"

    def configure(self, key: bytes) -> None:
        """Write the configuration, readable for PostgreSQL's account alone, and make its half of the repository."""
        plan = self._plan
        for folder in (plan.repository / "postgres", plan.repository / "postgres" / "lock"):
            folder.mkdir(parents=True, exist_ok=True, mode=0o750)
            give_to(plan, folder)
        plan.repository.chmod(0o755)
        draft = self.config.with_name(".pgbackrest.conf.new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o400), "w", encoding="utf-8") as out:
            out.write(_CONFIG.format(plan=plan, stanza=STANZA, password=derive(key, "postgres").hex()))
        give_to(plan, draft)
        draft.replace(self.config)

    def create_stanza(self) -> None:
        """Let the repository know this cluster; repeatable."""
        self._run("stanza-create")

    def backup(self, kind: str) -> str:
        """Make a backup (`full`, `diff`, `incr`); returns its label."""
        self._run(f"--type={kind}", "backup")
        return str(self.backups()[-1]["label"])

    def backups(self) -> list[dict[str, Any]]:
        """What pgBackRest says of each backup, oldest first."""
        stanzas = loads(self._run("--output=json", "info"))
        return [one for stanza in stanzas for one in stanza.get("backup", ())]

    def check(self) -> None:
        """See that PostgreSQL's log arrives in the repository."""
        self._run("check")

    def restore(self, target: Path, *options: str) -> None:
        """Put a backup into a data folder; PostgreSQL plays the log up to the target when it starts."""
        self._run(f"--pg1-path={target}", *options, "restore")

    def _run(self, *arguments: str) -> str:
        return run_as(self._plan, ["pgbackrest", f"--config={self.config}", f"--stanza={STANZA}", *arguments])


def until(moment: datetime) -> tuple[str, ...]:
    """Options that restore up to a moment; a transaction that committed later is not there."""
    return ("--type=time", "--target-action=promote", f"--target={moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00")


def give_to(plan: Plan, path: Path) -> None:
    """Make PostgreSQL's account the owner of what was made for it."""
    if os.geteuid() == 0:
        os.chown(path, plan.uid, plan.gid)


def run_as(plan: Plan, argv: list[str], timeout: float | None = None) -> str:
    """Run a program as PostgreSQL's account and return its output; raises BackupError with what it said."""
    as_account = {"user": plan.uid, "group": plan.gid, "extra_groups": []} if os.geteuid() == 0 else {}
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, cwd="/",
                              env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8"}, check=False,
                              **as_account)  # type: ignore[call-overload]
    except FileNotFoundError:
        raise BackupError(f"{argv[0]} is not installed") from None
    if done.returncode != 0:
        raise BackupError(f"{Path(argv[0]).name} ended with {done.returncode}: {(done.stdout + done.stderr)[-2000:]}")
    return str(done.stdout)
