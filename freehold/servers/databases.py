"""A login and a database for each service, on a PostgreSQL whose superuser is known.

The wall between services is the database's own: a login owns its database, and CONNECT is taken from everybody else.
The passwords are those of the services' addresses, so a changed address changes the login as well.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

STARTING = (
    "starting up",
    "Connection refused",
    "could not translate",
    "Name or service not known",
    "shutting down",
    "Temporary failure",
    "timeout expired",
)


class UnreachableError(Exception):
    """The server did not accept the superuser in time; the text says what it answered."""


def make_databases(admin_url: str, urls: list[str], patience: float = 60) -> None:
    """Make or update the login and the database of each address; waits `patience` seconds for the server."""
    with _superuser(make_url(admin_url), time.monotonic() + patience) as admin:
        for url in urls:
            _make_login(admin, make_url(url))
            _make_database(admin, make_url(url))


@contextmanager
def _superuser(url: URL, deadline: float) -> Iterator[psycopg.Connection]:
    connection = _connect(url, deadline)
    try:
        yield connection
    finally:
        connection.close()


def _connect(url: URL, deadline: float) -> psycopg.Connection:
    while True:
        try:
            return psycopg.connect(
                host=url.host,
                port=url.port or 5432,
                user=url.username,
                password=url.password,
                dbname=url.database,
                autocommit=True,
                connect_timeout=5,
                **url.query,
            )  # type: ignore[arg-type]
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline or not any(text in str(error) for text in STARTING):
                raise UnreachableError(f"{url.host}:{url.port}: {error}".strip()) from None
            time.sleep(0.5)


def _make_login(admin: psycopg.Connection, url: URL) -> None:
    verb = "ALTER" if _exists(admin, "pg_roles", "rolname", str(url.username)) else "CREATE"
    admin.execute(
        sql.SQL(verb + " ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}").format(
            sql.Identifier(str(url.username)), sql.Literal(str(url.password))
        )
    )


def _make_database(admin: psycopg.Connection, url: URL) -> None:
    database, owner = sql.Identifier(str(url.database)), sql.Identifier(str(url.username))
    if not _exists(admin, "pg_database", "datname", str(url.database)):
        admin.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(owner))  # a superuser that is none in full needs it
        admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, owner))
    admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))


def _exists(admin: psycopg.Connection, catalogue: str, column: str, name: str) -> bool:
    names = sql.Identifier(catalogue), sql.Identifier(column)
    return admin.execute(sql.SQL("SELECT 1 FROM {} WHERE {} = %s").format(*names), (name,)).fetchone() is not None
