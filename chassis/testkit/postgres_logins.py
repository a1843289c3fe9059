"""Databases and logins on a PostgreSQL server that we administer.

The wall between services is the database's own: `createdb("customer")` makes a login that owns its database, and
CONNECT is taken from everybody else. Passwords are generated.
"""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import psycopg
from psycopg import sql


class PostgresServer(ABC):
    """What is the same for every kind of server; `_state` holds its port and the passwords by login."""

    def __init__(self, state: dict[str, Any]) -> None:
        self._state = state

    @property
    def port(self) -> int:
        return self._state["port"]

    @property
    @abstractmethod
    def is_running(self) -> bool:
        """Whether the server's process runs; whether it answers is another question."""

    @abstractmethod
    def start(self) -> Self:
        """Start the server and return when it answers."""

    @abstractmethod
    def stop(self) -> None:
        """Stop the server; a temporary one is removed."""

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def admin_url(self, database: str = "postgres") -> str:
        """SQLAlchemy URL of the superuser."""
        return self._url("postgres", self._state["passwords"]["postgres"], database)

    def url(self, name: str) -> str:
        """SQLAlchemy URL of the login `name` to the database of the same name, made before by `createdb`."""
        return self._url(name, self._state["passwords"][name], name)

    def createdb(self, name: str) -> str:
        """Make a login and a database that no other login can open; returns its URL, the same one when repeated."""
        password = self._state["passwords"].get(name) or secrets.token_urlsafe(24)
        self._state["passwords"][name] = password
        self._save_state()
        role = sql.Identifier(name)
        with self._admin() as admin:
            verb = "ALTER" if self._exists(admin, "pg_roles", "rolname", name) else "CREATE"
            admin.execute(
                sql.SQL(verb + " ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}").format(
                    role, sql.Literal(password)
                )
            )
            if not self._exists(admin, "pg_database", "datname", name):
                admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))
            admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(role))
        return self.url(name)

    def copydb(self, name: str, template: str) -> str:
        """Make a database that begins as a copy of another, which nobody is using; its login opens both."""
        with self._admin() as admin:
            admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY FILE_COPY").format(
                *map(sql.Identifier, (name, template, template))))  # in memory half as dear as through the log
            admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
        return self._url(template, self._state["passwords"][template], name)

    def dropdb(self, name: str) -> None:
        """Remove the database and its login, ending the sessions that use it."""
        with self._admin() as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            admin.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))
        self._state["passwords"].pop(name, None)
        self._save_state()

    def _save_state(self) -> None:  # noqa: B027 - a server that ends with its test has nothing to keep
        """Keep port and passwords where the next start finds them."""

    def _answers(self) -> bool:
        try:
            self._admin().close()
        except psycopg.OperationalError:
            return False
        return self.is_running

    def _admin(self) -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="postgres",
            password=self._state["passwords"]["postgres"],
            dbname="postgres",
            autocommit=True,
            connect_timeout=5,
        )

    @staticmethod
    def _exists(admin: psycopg.Connection, catalogue: str, column: str, name: str) -> bool:
        names = sql.Identifier(catalogue), sql.Identifier(column)
        return admin.execute(sql.SQL("SELECT 1 FROM {} WHERE {} = %s").format(*names), (name,)).fetchone() is not None

    def _url(self, user: str, password: str, database: str) -> str:
        return f"postgresql+psycopg://{user}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"
