"""A PostgreSQL of its own, for a drill: on a socket in a closed folder, without a port, gone afterwards."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import URL

from freehold.backup.errors import BackupError
from freehold.backup.pgbackrest import PgBackRest, give_to, run_as
from freehold.backup.plan import Plan
from freehold.backup.seals import connect

_CONFIG = """\
data_directory = '{folder}/data'
hba_file = '{folder}/pg_hba.conf'
ident_file = '{folder}/pg_ident.conf'
listen_addresses = ''
unix_socket_directories = '{folder}'
port = 5432
archive_mode = off
hot_standby = off
fsync = off
shared_buffers = 64MB
max_connections = 20
logging_collector = off
"""


@contextmanager
def restored(plan: Plan, postgres: PgBackRest, *options: str) -> Iterator[URL]:
    """Restore into the scratch folder, start it, play the log, and yield the superuser's address."""
    folder = plan.scratch
    shutil.rmtree(folder, ignore_errors=True)
    for one in (folder, folder / "data"):
        one.mkdir(parents=True, mode=0o700)
        give_to(plan, one)
    try:
        postgres.restore(folder / "data", "--archive-mode=off", *options)
        _write(plan, folder)
        control = [str(plan.programs / "pg_ctl"), "-D", str(folder / "data"), "-s"]
        _start(plan, [*control, "-o", f"-c config_file={folder}/postgresql.conf", "-l", f"{folder}/log", "-t", "86400"])
        try:
            url = URL.create("postgresql+psycopg", "postgres", None, None, 5432, "postgres", {"host": str(folder)})
            _wait_for_end_of_recovery(url, folder)
            yield url
        finally:
            if (folder / "data" / "postmaster.pid").exists():
                run_as(plan, [*control, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(plan: Plan, folder: Path) -> None:
    texts = {"postgresql.conf": _CONFIG.format(folder=folder), "pg_hba.conf": "local all all trust\n",
             "pg_ident.conf": ""}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
        give_to(plan, folder / name)


def _start(plan: Plan, control: list[str]) -> None:
    try:
        run_as(plan, [*control, "start"])
    except BackupError:
        raise BackupError(_did_not_come_up(plan.scratch)) from None


def _wait_for_end_of_recovery(url: URL, folder: Path, patience: float = 86_400) -> None:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if _answers(url):
            return
        if not (folder / "data" / "postmaster.pid").exists():
            break
        time.sleep(0.3)
    raise BackupError(_did_not_come_up(folder))


def _did_not_come_up(folder: Path) -> str:
    log = (folder / "log").read_text(encoding="utf-8", errors="replace")[-1500:]
    return f"the restored PostgreSQL did not come up:\n{log}"


def _answers(url: URL) -> bool:
    try:
        with connect(url, "postgres") as connection:
            row = connection.execute("SELECT pg_is_in_recovery()").fetchone()
    except BackupError:
        return False
    return row == (False,)
