"""A private RabbitMQ node: its own data, ports, cookie and name server, and a login per service.

Names on the broker, and with them the permissions, follow one scheme:

    freehold.events               topic exchange of all events
    <service>.<what>              a service's queue           (workflow.records)
    <service>.<what>.retry.<n>    its delay queues
    <service>.<what>.dead         its dead letters

A service may create, write and read what begins with its own name, and publish to and bind from `freehold.…`;
it can open no queue of another service. The default exchange (`amq.default`) is writable because delayed
messages fall back through it. Users and virtual hosts come from a definitions file that the node loads while
it boots, which is many seconds cheaper than calls of rabbitmqctl and leaves no default `guest`.

The node is called `…@localhost`, so a host name that does not resolve does no harm; the Erlang name server
(epmd) is a private one on its own port and ends with the node.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

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

SERVICES = ("gateway", "customer", "workflow", "notify", "report")
DEFAULT_VHOST = "freehold"
VHOST_BATCH = 8

CONFIGURATION = """\
listeners.tcp.1 = 127.0.0.1:{port}
load_definitions = {definitions}
log.file.level = warning
log.console = false
disk_free_limit.absolute = 100MB
vm_memory_high_watermark.relative = 0.3
raft.wal_max_size_bytes = 33554432
"""


class PrivateRabbit:
    """One node; use it as a context manager, or call `start` and `stop`."""

    def __init__(self, folder: Path | None = None, *, services: Iterable[str] = SERVICES) -> None:
        self._account = account_for("rabbitmq")
        self._temporary = folder is None
        self.folder = make_private_folder(folder, self._account, "freehold-rabbit-")
        self._state = self._load_state(tuple(services))
        self._spare_vhosts: list[str] = []
        self._server: subprocess.Popen[bytes] | None = None
        self._epmd: subprocess.Popen[bytes] | None = None

    @property
    def port(self) -> int:
        return self._state["port"]

    @property
    def pid(self) -> int | None:
        """Process id of the Erlang machine, None when it does not run."""
        return self._server.pid if self.is_running else None

    @property
    def is_running(self) -> bool:
        return self._server is not None and self._server.poll() is None

    def start(self, timeout: float = 60) -> PrivateRabbit:
        """Start the node and return when it accepts AMQP connections."""
        if not self.is_running:
            self.launch()
        return self.wait(timeout)

    def launch(self) -> None:
        """Begin to start the node and return at once; `wait` waits for it."""
        self._write_configuration()
        self._start_epmd()
        argv = [str(_program("rabbitmq-server"))]
        self._server = spawn(argv, self._account, env=self._env(), cwd=self.folder, log=self.log, death_signal="TERM")

    def wait(self, timeout: float = 60) -> PrivateRabbit:
        """Return when a launched node accepts AMQP connections."""
        wait_until(self._answers_or_died, "RabbitMQ's start", timeout, pause=0.1)
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

    def __enter__(self) -> PrivateRabbit:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def url(self, service: str, vhost: str = DEFAULT_VHOST) -> str:
        """AMQP URL of a service's login."""
        password = quote(self._state["passwords"][service], safe="")
        return f"amqp://{service}:{password}@127.0.0.1:{self.port}/{quote(vhost, safe='')}"

    def new_vhost(self) -> str:
        """A virtual host nobody has used: an empty broker for one test (made in batches: a call takes a second)."""
        if not self._spare_vhosts:
            self._spare_vhosts = [f"test-{secrets.token_hex(4)}" for _ in range(VHOST_BATCH)]
            self._import_definitions(self._spare_vhosts)
        return self._spare_vhosts.pop()

    def ctl(self, *arguments: str, timeout: float = 60) -> str:
        """Run rabbitmqctl against this node and return its output."""
        return run_as(
            self._account,
            [str(_program("rabbitmqctl")), "--quiet", *arguments],
            env=self._env(),
            cwd=self.folder,
            timeout=timeout,
        )

    def settle(self) -> None:
        """Write the register of quorum queues to disk now.

        The broker saves it half a second after a queue is declared; a kill -9 within that time leaves a queue
        that never answers again. Call this after the services have declared theirs and before the first kill.
        """
        self.ctl("eval", "[dets:sync(T) || T <- dets:all()].")

    @property
    def log(self) -> Path:
        return self.folder / "rabbit.log"

    def _halt(self) -> None:
        if self._server:
            end(self._server, signal.SIGTERM, 30)
            self._server = None
        if self._epmd:
            end(self._epmd, signal.SIGTERM, 5)
            self._epmd = None

    def _load_state(self, services: tuple[str, ...]) -> dict:
        path = self.folder / "state.json"
        state = json.loads(path.read_text()) if path.exists() else _new_state()
        for service in services:
            state["passwords"].setdefault(service, secrets.token_urlsafe(24))
        path.touch(mode=0o600)
        path.write_text(json.dumps(state))
        return state

    def _write_configuration(self) -> None:
        self._write("definitions.json", json.dumps(self._definitions([DEFAULT_VHOST])))
        definitions = self.folder / "definitions.json"
        self._write("rabbitmq.conf", CONFIGURATION.format(port=self.port, definitions=definitions))
        self._write("enabled_plugins", "[].\n")

    def _write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(text)
        give(path, self._account)
        return path

    def _definitions(self, vhosts: list[str]) -> dict:
        services = self._state["passwords"]
        return {
            "users": [_user(name, password) for name, password in services.items()],
            "vhosts": [{"name": vhost} for vhost in vhosts],
            "permissions": [permissions(name, vhost) for name in services for vhost in vhosts],
        }

    def _import_definitions(self, vhosts: list[str]) -> None:
        path = self._write("more-definitions.json", json.dumps(self._definitions(vhosts)))
        self.ctl("import_definitions", str(path))

    def _start_epmd(self) -> None:
        if self._epmd and self._epmd.poll() is None:
            return
        argv = [str(find_program("epmd")), "-port", str(self._state["epmd_port"]), "-address", "127.0.0.1"]
        self._epmd = spawn(argv, self._account, env=self._env(), cwd=self.folder, log=self.log, death_signal="TERM")
        wait_until(lambda: _listens(self._state["epmd_port"]), "the Erlang name server's start", 10)

    def _answers_or_died(self) -> bool:
        return not self.is_running or _speaks_amqp(self.port)

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


def permissions(service: str, vhost: str) -> dict[str, str]:
    """What a service's login may do in a virtual host, as an entry of a definitions file."""
    own = rf"{re.escape(service)}\..*"
    return {
        "user": service,
        "vhost": vhost,
        "configure": rf"^(freehold\..*|{own})$",
        "write": rf"^(freehold\..*|amq\.default|{own})$",
        "read": rf"^(freehold\..*|{own})$",
    }


def password_hash(password: str) -> str:
    """RabbitMQ's salted SHA-256: base64 of four salt bytes and the digest of salt and password."""
    salt = secrets.token_bytes(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _user(name: str, password: str) -> dict[str, object]:
    return {
        "name": name,
        "password_hash": password_hash(password),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": [],
    }


def _new_state() -> dict:
    return {"port": free_port(), "epmd_port": free_port(), "dist_port": free_port(), "passwords": {}}


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _speaks_amqp(port: int) -> bool:
    """The listener opens near the end of the boot; an answer to the protocol header proves that it serves."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as probe:
            probe.sendall(b"AMQP\x00\x00\x09\x01")
            return len(probe.recv(7)) == 7
    except OSError:
        return False


def _program(name: str) -> Path:
    return find_program(name, f"/usr/lib/rabbitmq/bin/{name}")
