"""Real servers for tests, benchmarks, chaos and the full stack: the one place to ask for them.

    with postgres_server() as postgres, rabbit_server() as rabbit:
        url = postgres.createdb("customer")
        broker = rabbit.url("customer")

Where a container engine works and our images were built on it, the servers run as containers; otherwise as
private processes from Debian's packages. Both kinds have the same methods. The full stack of `make run-full`
always takes private processes, because it keeps their data.
"""

from __future__ import annotations

from chassis.testkit.containers import ContainerPostgres, ContainerRabbit, engine_has_images
from chassis.testkit.postgres import PrivatePostgres
from chassis.testkit.postgres_logins import PostgresServer
from chassis.testkit.processes import ServerError, free_port
from chassis.testkit.rabbit import PrivateRabbit
from chassis.testkit.rabbit_logins import DEFAULT_VHOST, SERVICES, RabbitServer

__all__ = [
    "DEFAULT_VHOST",
    "SERVICES",
    "PostgresServer",
    "PrivatePostgres",
    "PrivateRabbit",
    "RabbitServer",
    "ServerError",
    "free_port",
    "postgres_server",
    "rabbit_server",
]


def postgres_server(*, in_container: bool | None = None, fsync: bool = True) -> PostgresServer:
    """A PostgreSQL without lasting data, not started yet; `None` looks whether containers are possible.

    Without `fsync` it survives the death of its processes, but not that of the machine.
    """
    return ContainerPostgres(fsync=fsync) if _containers(in_container) else PrivatePostgres(fsync=fsync)


def rabbit_server(*, in_container: bool | None = None) -> RabbitServer:
    """A RabbitMQ without lasting data, not started yet; `None` looks whether containers are possible."""
    return ContainerRabbit() if _containers(in_container) else PrivateRabbit()


def _containers(wanted: bool | None) -> bool:
    return engine_has_images() if wanted is None else wanted
