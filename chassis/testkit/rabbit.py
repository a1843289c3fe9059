"""A private RabbitMQ node: its own data, ports, cookie and name server, under a user who is not root.

The node is called `…@localhost`, so a host name that does not resolve does no harm; the Erlang name server (epmd) is
a private one on its own port and ends with the node. Ports and passwords are kept in `state.json` (0600).
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

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
    wait_until,
)
from chassis.testkit.rabbit_logins import DEFAULT_VHOST, SERVICES, RabbitServer, speaks_amqp

CONFIGURATION = """\
listeners.tcp.1 = 127.0.0.1:{port}
load_definitions = {definitions}
log.file.level = warning
log.console = false
disk_free_limit.absolute = 100MB
vm_memory_high_watermark.relative = 0.3
raft.wal_max_size_bytes = 33554432
"""


class PrivateRabbit(RabbitServer):
    """One node; use it as a context manager, or call `start` and `stop`."""

    def __init__(self, folder: Path | None = None, *, services: Iterable[str] = SERVICES) -> None:
        self._account = account_for("rabbitmq")
        self._temporary = folder is None
        self.folder = make_private_folder(folder, self._account, "freehold-rabbit-")
        super().__init__(self._load_state(), services)
        self._server: subprocess.Popen[bytes] | None = None
        self._epmd: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Process id of the Erlang machine, None when it does not run."""
        return self._server.pid if self._server and self.is_running else None

    @property
    def is_running(self) -> bool:
        return self._server is not None and self._server.poll() is None

    def start(self) -> Self:
        """Start the node and return when it accepts AMQP connections."""
        if not self.is_running:
            self.launch()
        return self.wait()

    def launch(self) -> None:
        """Begin to start the node and return at once; `wait` waits for it."""
        self._write_configuration()
        self._start_epmd()
        wait_until(lambda: not _listens(self.port), "the end of an earlier node", 20)
        argv = [str(_program("rabbitmq-server"))]
        self._server = spawn(argv, self._account, env=self._env(), cwd=self.folder, log=self.log, death_signal="TERM")

    def wait(self, timeout: float = 300) -> Self:
        """Return when a launched node accepts AMQP connections."""
        wait_until(lambda: not self.is_running or speaks_amqp(self.port), "RabbitMQ's start", timeout, pause=0.1)
        if not self.is_running:
            raise ServerError(f"RabbitMQ did not start:\n{tail(self.log)}")
        return self

    def stop(self) -> None:
        """Stop node and name server in order; a temporary folder is removed."""
        self._halt()
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def kill(self) -> None:
        """kill -9 of the node, as a crash would; `start` brings the same data back on the same port."""
        if self._server:
            self._server.kill()
            self._server.wait(10)

    def restart(self) -> None:
        """Stop in order and start again on the same port with the same data."""
        self._halt()
        self.start()

    def ctl(self, *arguments: str) -> str:
        """Run rabbitmqctl against this node and return its output."""
        argv = [str(_program("rabbitmqctl")), "--quiet", *arguments]
        return run_as(self._account, argv, env=self._env(), cwd=self.folder)

    @property
    def log(self) -> Path:
        return self.folder / "rabbit.log"

    def _halt(self) -> None:
        if self._server:
            end(self._server, signal.SIGKILL if self._temporary else signal.SIGTERM, 15)
            self._server = None
        if self._epmd:
            end(self._epmd, signal.SIGTERM, 5)
            self._epmd = None

    def _load_state(self) -> dict[str, Any]:
        path = self.folder / "state.json"
        if path.exists():
            return json.loads(path.read_text())
        return {"port": free_port(), "epmd_port": free_port(), "dist_port": free_port(), "passwords": {}}

    def _write_configuration(self) -> None:
        self._write("state.json", json.dumps(self._state))
        definitions = self._write("definitions.json", self.definitions([DEFAULT_VHOST]))
        self._write("rabbitmq.conf", CONFIGURATION.format(port=self.port, definitions=definitions))
        self._write("enabled_plugins", "[].\n")

    def _write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(text)
        give(path, self._account)
        return path

    def _import_definitions(self, definitions: str) -> None:
        self.ctl("import_definitions", str(self._write("more-definitions.json", definitions)))

    def _start_epmd(self) -> None:
        if self._epmd and self._epmd.poll() is None:
            return
        argv = [str(find_program("epmd")), "-port", str(self._state["epmd_port"]), "-address", "127.0.0.1"]
        self._epmd = spawn(argv, self._account, env=self._env(), cwd=self.folder, log=self.log, death_signal="TERM")
        wait_until(lambda: _listens(self._state["epmd_port"]), "the Erlang name server's start", 10)

    def _env(self) -> dict[str, str]:
        """The environment of node and tools.

        RUNNING_UNDER_SYSTEMD makes the start script become the Erlang machine, so that the child's process id is
        the server's own.
        """
        loopback = "-kernel inet_dist_use_interface {127,0,0,1}"
        return {
            "PATH": f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin",
            "HOME": str(self.folder),
            "LC_ALL": "C.UTF-8",
            "RUNNING_UNDER_SYSTEMD": "true",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._state["epmd_port"]),
            "RABBITMQ_NODENAME": f"freehold-{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._state["dist_port"]),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "no-env.conf"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.folder / "no-advanced.config"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(self.folder / "generated"),
            "RABBITMQ_PLUGINS_EXPAND_DIR": str(self.folder / "plugins"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": loopback,
            "RABBITMQ_CTL_ERL_ARGS": loopback,
        }


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _program(name: str) -> Path:
    return find_program(name, f"/usr/lib/rabbitmq/bin/{name}")
