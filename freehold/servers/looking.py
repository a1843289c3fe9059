"""Whether the company's own database and broker are what Freehold needs, asked with the services' own logins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pika
import psycopg
from pika.exceptions import AMQPError
from sqlalchemy.engine import make_url

OLDEST_POSTGRES = 15
OLDEST_RABBITMQ = (3, 10)
_ASKED = """SELECT current_setting('server_version_num')::int / 10000, current_setting('server_encoding'),
    current_setting('max_connections')::int, pg_catalog.pg_get_userbyid(datdba) = current_user,
    coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false), rolsuper
    FROM pg_database, pg_roles WHERE datname = current_database() AND rolname = current_user"""


@dataclass(frozen=True)
class Wanted:
    """What the servers must offer."""

    connections: int
    tls: bool


def complaints(service: str, database_url: str, broker_url: str, wanted: Wanted) -> list[str]:
    """What is wrong, each with what to do; nothing when a service can work."""
    return [*(f"{service}: PostgreSQL: {said}" for said in _of_database(database_url, wanted)),
            *(f"{service}: RabbitMQ: {said}" for said in _of_broker(service, broker_url))]


def _of_database(address: str, wanted: Wanted) -> Iterator[str]:
    url = make_url(address)
    try:
        with psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False),
                             connect_timeout=5) as connection:
            row = connection.execute(_ASKED).fetchone() or (0, "", 0, False, False, False)
    except psycopg.OperationalError as error:
        said = _last_line(error)
        yield f"{url.host} does not let {url.username} in ({said}); run postgresql.sql, look at pg_hba.conf"
        return
    yield from _faults(row, str(url.username), wanted)


def _faults(row: tuple[object, ...], login: str, wanted: Wanted) -> Iterator[str]:
    version, encoding, connections, owns, encrypted, superuser = row
    if int(str(version)) < OLDEST_POSTGRES:
        yield f"version {version} is too old; update the server to {OLDEST_POSTGRES} or newer"
    if encoding != "UTF8":
        yield f"the database is in {encoding}; make it in UTF8"
    if int(str(connections)) < wanted.connections:
        yield f"max_connections is {connections}; raise it to {wanted.connections}"
    if not owns:
        yield f"{login} does not own its database; ALTER DATABASE ... OWNER TO {login}"
    if wanted.tls and not encrypted:
        yield "the connection is not encrypted; switch ssl on"
    if superuser:
        yield f"{login} is a superuser, which is more than it needs; ALTER ROLE {login} NOSUPERUSER"


def _of_broker(service: str, address: str) -> Iterator[str]:
    parameters = pika.URLParameters(address)
    parameters.socket_timeout = parameters.blocked_connection_timeout = 5
    place = f"{parameters.host} does not let {parameters.credentials.username} in"
    try:
        with pika.BlockingConnection(parameters) as connection:
            version = str(connection._impl.server_properties["version"])
            connection.channel().queue_declare(f"{service}.looked", exclusive=True, auto_delete=True)
    except (AMQPError, OSError) as error:
        yield f"{place} ({type(error).__name__} {error}); import rabbitmq.json, look at certificate and port"
        return
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_RABBITMQ:
        yield f"version {version} is too old; update the broker to {'.'.join(map(str, OLDEST_RABBITMQ))} or newer"


def _last_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[-1].strip() if lines else type(error).__name__
