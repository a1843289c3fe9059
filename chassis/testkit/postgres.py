"""A private PostgreSQL cluster: made by initdb, on a free port of 127.0.0.1, under a user who is not root.

Port and passwords are kept in `state.json` (0600) beside the data, so that the same cluster can be started again.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from chassis.testkit.postgres_logins import PostgresServer
from chassis.testkit.processes import (
    ServerError,
    account_for,
    end,
    find_program,
    free_port,
    give,
    make_private_folder,
    run_as,
    spawn,
    tail,
)

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
    "shared_buffers": "128MB",
    "password_encryption": "scram-sha-256",
    "log_min_messages": "warning",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class PrivatePostgres(PostgresServer):
    """One cluster; use it as a context manager, or call `start` and `stop`."""

    def __init__(
        self,
        folder: Path | None = None,
        *,
        port: int | None = None,
        fsync: bool = True,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._account = account_for("postgres")
        self._temporary = folder is None
        self.folder = make_private_folder(folder, self._account, "freehold-postgres-")
        self._settings = {**SETTINGS, "fsync": "on" if fsync else "off", **(settings or {})}
        super().__init__(self._load_state(port))
        self._process: subprocess.Popen[bytes] | None = None
        self._env = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "HOME": str(self.folder), "TZ": "UTC"}

    @property
    def pid(self) -> int | None:
        """Process id of the postmaster, None when it does not run."""
        return self._process.pid if self.is_running else None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, timeout: float = 60) -> PrivatePostgres:
        """Make the cluster when the folder is new, start it and return when it answers."""
        if self.is_running:
            return self
        if not self._state.get("initialised"):
            self._initdb()
        deadline = time.monotonic() + timeout
        self._launch()
        while not self._answers():
            self._relaunch_if_dead(deadline)
            time.sleep(0.03)
        return self

    def stop(self) -> None:
        """Stop in order, ending open sessions; a temporary cluster is dropped at once, with its folder."""
        if self._process:
            end(self._process, signal.SIGQUIT if self._temporary else signal.SIGINT, 20)
            self._process = None
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def kill(self) -> None:
        """kill -9 of the postmaster, as a crash would; `start` brings the same data back on the same port."""
        if self._process:
            self._process.kill()
            self._process.wait(10)

    def restart(self) -> None:
        """Stop in order and start again on the same port with the same data."""
        if self._process:
            end(self._process, signal.SIGINT, 20)
        self.start()

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "postgres.log"

    def _load_state(self, port: int | None) -> dict:
        path = self.folder / "state.json"
        if path.exists():
            state = json.loads(path.read_text())
            return {**state, "port": port or state["port"]}
        return {"port": port or free_port(), "passwords": {"postgres": secrets.token_urlsafe(24)}}

    def _save_state(self) -> None:
        draft = self.folder / "state.json.new"
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(self._state))
        draft.replace(self.folder / "state.json")

    def _initdb(self) -> None:
        shutil.rmtree(self._data, ignore_errors=True)  # of an initdb that was cut short
        password_file = self.folder / "initial-password"
        password_file.touch(mode=0o600)
        password_file.write_text(self._state["passwords"]["postgres"])
        give(password_file, self._account)
        argv = [str(_program("initdb")), "-D", str(self._data), "-U", "postgres", f"--pwfile={password_file}"]
        argv += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"]
        try:
            run_as(self._account, argv + self._no_sync(), env=self._env, cwd=self.folder)
        finally:
            password_file.unlink()
        self._state["initialised"] = True
        self._save_state()

    def _no_sync(self) -> list[str]:
        return ["--no-sync"] if self._temporary else []

    def _launch(self) -> None:
        options = {"port": str(self.port), **self._settings}
        argv = [str(_program("postgres")), "-D", str(self._data)]
        argv += [argument for name, value in options.items() for argument in ("-c", f"{name}={value}")]
        self._process = spawn(argv, self._account, env=self._env, cwd=self.folder, log=self.log, death_signal="INT")

    def _relaunch_if_dead(self, deadline: float) -> None:
        """After a kill -9 the old backends may hold the shared memory for a moment: try until the deadline."""
        if time.monotonic() > deadline:
            raise ServerError(f"PostgreSQL did not start in time:\n{tail(self.log)}")
        if not self.is_running:
            time.sleep(0.2)
            self._launch()


def _program(name: str) -> Path:
    return find_program(name, f"/usr/lib/postgresql/*/bin/{name}")
