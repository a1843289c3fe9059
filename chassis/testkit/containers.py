"""The same servers as containers, for machines where an engine runs and our own images were built.

Only images that exist locally are used: `freehold/postgres` and `freehold/rabbitmq`, each with Debian's programs and
their system user. Nothing is pulled; testcontainers' helper container is switched off. Containers share the host's
network, so ports and addresses mean the same as for private processes, and listen on 127.0.0.1 alone.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

from chassis.testkit.postgres_logins import PostgresServer
from chassis.testkit.processes import free_port, wait_until
from chassis.testkit.rabbit_logins import DEFAULT_VHOST, SERVICES, RabbitServer, speaks_amqp

POSTGRES_IMAGE = "freehold/postgres"
RABBIT_IMAGE = "freehold/rabbitmq"

# The second start of the same container finds the cluster that the first one made.
POSTGRES_COMMAND = """
set -eu
umask 077
cd /var/lib/postgresql
PATH="$(echo /usr/lib/postgresql/*/bin):$PATH"
if [ ! -e freehold/PG_VERSION ]; then
    echo "$ADMIN_PASSWORD" >password
    initdb -D freehold -U postgres --pwfile=password --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8
fi
exec postgres -D freehold -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c port="$SERVER_PORT" \
    -c max_connections=300 -c timezone=UTC -c fsync="$FSYNC"
"""
RABBIT_COMMAND = """
set -eu
umask 077
mkdir -p /var/lib/rabbitmq/freehold
cd /var/lib/rabbitmq/freehold
echo "$DEFINITIONS" >definitions.json
echo "listeners.tcp.1 = 127.0.0.1:$RABBITMQ_NODE_PORT" >rabbitmq.conf
echo "load_definitions = $PWD/definitions.json" >>rabbitmq.conf
exec /usr/lib/rabbitmq/bin/rabbitmq-server
"""
RABBIT_IMPORT = """
set -eu
cd /var/lib/rabbitmq/freehold
echo "$1" >more.json
exec /usr/lib/rabbitmq/bin/rabbitmqctl import_definitions more.json
"""

Run = Callable[[Sequence[str]], int]


def engine_has_images(run: Run | None = None) -> bool:
    """Whether a container engine answers and both images exist on it; `run` gives a command's exit status."""
    ask = run or _exit_status
    return all(ask(["docker", "image", "inspect", image]) == 0 for image in (POSTGRES_IMAGE, RABBIT_IMAGE))


def _exit_status(argv: Sequence[str]) -> int:
    if not shutil.which(argv[0]):
        return 127
    try:
        return subprocess.run(argv, capture_output=True, timeout=10, check=False).returncode
    except subprocess.TimeoutExpired:
        return 124


def _container(image: str, command: str, user: str, env: dict[str, str]) -> Any:
    os.environ["TESTCONTAINERS_RYUK_DISABLED"] = "true"
    from testcontainers.core.container import DockerContainer

    container = DockerContainer(image, user=user, network_mode="host", entrypoint=["/bin/sh", "-c", command])
    for name, value in env.items():
        container.with_env(name, value)
    return container


class _Box:
    """Start, kill and stop of one container, whose data lives as long as it does."""

    def __init__(self, container: Any) -> None:
        self._container = container
        self._made = False

    @property
    def is_running(self) -> bool:
        if not self._made:
            return False
        engine = self._container.get_wrapped_container()
        engine.reload()
        return engine.status == "running"

    def start(self) -> None:
        if self._made:
            self._container.get_wrapped_container().start()
        else:
            self._container.start()
            self._made = True

    def kill(self) -> None:
        self._container.get_wrapped_container().kill("SIGKILL")

    def halt(self) -> None:
        self._container.get_wrapped_container().stop(timeout=20)

    def remove(self) -> None:
        if self._made:
            self._container.stop()
            self._made = False

    def run(self, *argv: str) -> str:
        return self._container.exec(list(argv)).output.decode("utf-8", "replace")


class ContainerPostgres(PostgresServer):
    """A PostgreSQL in a container."""

    def __init__(self, *, fsync: bool = True) -> None:
        super().__init__({"port": free_port(), "passwords": {"postgres": secrets.token_urlsafe(24)}})
        env = {"ADMIN_PASSWORD": self._state["passwords"]["postgres"], "SERVER_PORT": str(self.port),
               "FSYNC": "on" if fsync else "off"}
        self._box = _Box(_container(POSTGRES_IMAGE, POSTGRES_COMMAND, "postgres", {**env, "LC_ALL": "C.UTF-8"}))

    @property
    def is_running(self) -> bool:
        return self._box.is_running

    def start(self) -> Self:
        self._box.start()
        wait_until(self._answers, "PostgreSQL's start", 60)
        return self

    def stop(self) -> None:
        self._box.remove()

    def kill(self) -> None:
        """kill -9, as a crash would; `start` brings the same data back on the same port."""
        self._box.kill()

    def restart(self) -> None:
        """Stop in order and start again on the same port with the same data."""
        self._box.halt()
        self.start()


class ContainerRabbit(RabbitServer):
    """A RabbitMQ in a container."""

    def __init__(self, services: Iterable[str] = SERVICES) -> None:
        super().__init__({"port": free_port(), "passwords": {}}, services)
        epmd, dist = free_port(), free_port()
        env = {
            "DEFINITIONS": self.definitions([DEFAULT_VHOST]),
            "HOME": "/var/lib/rabbitmq/freehold",
            "RUNNING_UNDER_SYSTEMD": "true",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(epmd),
            "RABBITMQ_DIST_PORT": str(dist),
            "RABBITMQ_NODENAME": f"freehold-{self.port}@localhost",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_CONFIG_FILE": "/var/lib/rabbitmq/freehold/rabbitmq.conf",
            "RABBITMQ_MNESIA_BASE": "/var/lib/rabbitmq/freehold/mnesia",
            "RABBITMQ_LOG_BASE": "/var/lib/rabbitmq/freehold/log",
            "RABBITMQ_ENABLED_PLUGINS_FILE": "/var/lib/rabbitmq/freehold/enabled_plugins",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        }
        self._box = _Box(_container(RABBIT_IMAGE, RABBIT_COMMAND, "rabbitmq", env))

    def start(self) -> Self:
        self._box.start()
        wait_until(lambda: speaks_amqp(self.port), "RabbitMQ's start", 90, pause=0.1)
        return self

    def stop(self) -> None:
        self._box.remove()

    def kill(self) -> None:
        """kill -9, as a crash would; `start` brings the same data back on the same port."""
        self._box.kill()

    def restart(self) -> None:
        """Stop in order and start again on the same port with the same data."""
        self._box.halt()
        self.start()

    def ctl(self, *arguments: str) -> str:
        return self._box.run("/usr/lib/rabbitmq/bin/rabbitmqctl", "--quiet", *arguments)

    def _import_definitions(self, definitions: str) -> None:
        self._box.run("/bin/sh", "-c", RABBIT_IMPORT, "sh", definitions)
