"""A PostgreSQL cluster as a server has one: of an account of its own, with its log archived by pgBackRest."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

import psycopg
from click.testing import CliRunner, Result

from chassis.jsonio import dumps
from chassis.testkit.processes import Account, account_for, find_program, free_port, give, make_private_folder, run_as
from freehold.backup.cli import backup
from freehold.backup.keys import make_recovery_key
from freehold.backup.plan import Plan, read_plan

SERVICES = ("customer", "workflow")


class Machine:
    """A server with a cluster, folders of data, and a repository; `wreck` is its end."""

    def __init__(self, repository: Path, recovery: Path) -> None:
        self.account: Account = account_for("postgres")
        self.folder = make_private_folder(None, self.account, "freehold-backup-")
        self.port, self.socket = free_port(), self.folder
        self.data, self.files = self.folder / "data", self.folder / "files"
        self.plan_file, self.repository, self.recovery = self.folder / "backup.json", repository, recovery
        self._programs = find_program("initdb", "/usr/lib/postgresql/*/bin/initdb").parent
        self._write_plan()

    @property
    def plan(self) -> Plan:
        return read_plan(self.plan_file)

    def call(self, *arguments: str) -> Result:
        """Run `freehold backup …` as root does."""
        return CliRunner().invoke(backup, ["--plan", str(self.plan_file), *arguments])

    def do(self, *arguments: str) -> str:
        """Run it and return what it said; it must succeed."""
        done = self.call(*arguments)
        assert done.exit_code == 0, done.output
        return done.output

    def make_cluster(self) -> None:
        """Make the cluster and the services' databases."""
        self._run("initdb", "-D", str(self.data), "-U", "postgres", "--auth=trust", "--encoding=UTF8",
                  "--locale=C.UTF-8", "--data-checksums", "--no-instructions")
        self.start()
        for name in SERVICES:
            self.sql("postgres", f"CREATE DATABASE {name}")
            self.sql(name, "CREATE TABLE record (id int PRIMARY KEY, name text, at timestamptz DEFAULT now())")

    def start(self) -> None:
        """Start it; an answer means that its log was played to the target."""
        self._start()
        self.wait_until_writable()

    def _start(self) -> None:
        archive = f"pgbackrest --config={self.folder}/secrets/pgbackrest.conf --stanza=freehold archive-push %p"
        options = {"port": self.port, "unix_socket_directories": self.socket, "listen_addresses": "",
                   "archive_mode": "on", "archive_command": archive, "fsync": "off"}
        # A data folder that was restored has none of the machine's own settings in it, as Debian's has not.
        (self.data / "postgresql.conf").write_text(
            "".join(f"{name} = '{value}'\n" for name, value in options.items()), encoding="utf-8")
        give(self.data / "postgresql.conf", self.account)
        self._run("pg_ctl", "-D", str(self.data), "-s", "-w", "-t", "60", "-l", str(self.folder / "log"), "start")

    def follow(self, primary: Machine) -> None:
        """Become a standby of another server, with the same files, repository and key."""
        self._run("pg_basebackup", "-D", str(self.data), "-h", str(primary.socket), "-p", str(primary.port), "-U",
                  "postgres", "-R", "-X", "stream", "-c", "fast")
        shutil.copytree(primary.files, self.files, dirs_exist_ok=True)
        shutil.copy(primary.plan.key_file, self.plan.key_file)
        self.do("configure")
        self._start()

    def take_over(self) -> None:
        """Become the primary."""
        self._run("pg_ctl", "-D", str(self.data), "-s", "-w", "promote")

    def wait_until_writable(self) -> None:
        self._run("psql", "-h", str(self.socket), "-p", str(self.port), "-U", "postgres", "-qAtX", "-v",
                  "ON_ERROR_STOP=1", "-c",
                  "DO $$ BEGIN WHILE pg_is_in_recovery() LOOP PERFORM pg_sleep(0.1); END LOOP; END $$")

    def stop(self, mode: str = "fast") -> None:
        """Stop it as a host does that is switched off."""
        if (self.data / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", str(self.data), "-s", "-m", mode, "stop")

    def wreck(self) -> None:
        """Lose the machine with all that is on it."""
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def sql(self, database: str, statement: str) -> list[tuple[object, ...]]:
        """Run a statement and return its rows."""
        with psycopg.connect(host=str(self.socket), port=self.port, user="postgres", dbname=database,
                             autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def write_file(self, name: str, content: bytes) -> Path:
        """Leave a file in the folder of data."""
        file = self.files / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return file

    def _write_plan(self) -> None:
        public = self.folder / "recovery.pub"
        if not self.recovery.exists():
            make_recovery_key(self.recovery, self.recovery.with_suffix(".pub"))
        shutil.copy(self.recovery.with_suffix(".pub"), public)
        self.files.mkdir()
        (self.folder / "secrets").mkdir(mode=0o750)
        give(self.folder / "secrets", self.account)
        address = self.folder / "admin-url"
        address.write_text(f"postgresql+psycopg://postgres@:{self.port}/postgres?host={self.socket}")
        self.plan_file.write_text(dumps({
            "repository": str(self.repository), "recovery_public_key": str(public),
            "key_file": str(self.folder / "secrets" / "repository-key"), "folders": [str(self.files)],
            "services": list(SERVICES), "account": self.account.name, "cluster": str(self.data),
            "programs": str(self._programs), "socket": str(self.socket), "port": self.port,
            "admin_url_file": str(address), "scratch": str(self.folder / "drill"),
            "metrics_file": str(self.folder / "metrics" / "freehold.prom")}), encoding="utf-8")

    def _run(self, program: str, *arguments: str) -> None:
        run_as(self.account, [str(self._programs / program), *arguments], cwd=self.folder, timeout=120,
               env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})


def random_bytes(size: int) -> bytes:
    """Bytes that no compression makes smaller."""
    return secrets.token_bytes(size)
