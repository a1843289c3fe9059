"""Real servers for tests, benchmarks, chaos and the full stack: the one place to ask for them.

    with postgres_server() as postgres, rabbit_server() as rabbit:
        url = postgres.createdb("customer")
        broker = rabbit.url("customer")

Where a container engine works and our images were built on it, the servers run as containers; otherwise as
private processes from Debian's packages. Both kinds have the same methods.
"""

from __future__ import annotations

from chassis.testkit.postgres import PrivatePostgres
from chassis.testkit.processes import ServerError, free_port
from chassis.testkit.rabbit import DEFAULT_VHOST, SERVICES, PrivateRabbit

__all__ = [
    "DEFAULT_VHOST",
    "SERVICES",
    "PrivatePostgres",
    "PrivateRabbit",
    "ServerError",
    "free_port",
    "postgres_server",
    "rabbit_server",
]


def postgres_server() -> PrivatePostgres:
    """A PostgreSQL with a temporary folder, not started yet."""
    return PrivatePostgres()


def rabbit_server() -> PrivateRabbit:
    """A RabbitMQ with a temporary folder, not started yet."""
    return PrivateRabbit()
