"""A database of its own for each test: empty, or as another one stood when a state was reached.

Migrating a service and founding a company in it costs most of a second. Tests that begin with the same state share
that: it is made once in a run, in a database that nobody uses afterwards, and each test gets a copy.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

from chassis.testkit.postgres_logins import PostgresServer

Made = TypeVar("Made")


class SqliteFolder:
    """SQLite files in a folder, with the methods of a server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def createdb(self, name: str) -> str:
        """Return the URL of a file that is not there yet."""
        return f"sqlite:///{self._file(name)}"

    def copydb(self, name: str, template: str) -> str:
        """Make a file that begins as a copy of another; returns its URL."""
        with closing(sqlite3.connect(self._file(template))) as source, closing(
                sqlite3.connect(self._file(name))) as target:
            source.backup(target)
        return self.createdb(name)

    def dropdb(self, name: str) -> None:
        """Remove the file and what SQLite keeps beside it."""
        for file in self._folder.glob(f"{name}.sqlite3*"):
            file.unlink()

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.sqlite3"


class States:
    """The states of one run on one server: what was made in each, beside the database that holds it."""

    def __init__(self, server: PostgresServer | SqliteFolder) -> None:
        self.server = server
        self._made: dict[str, Any] = {}

    def reach(self, state: str, begin: Callable[[str], Made]) -> Made:
        """Return what `begin(url)` made when the state was first asked for; it leaves no connection open."""
        if state not in self._made:
            self._made[state] = begin(self.server.createdb(self.template(state)))
        made: Made = self._made[state]
        return made

    @staticmethod
    def template(state: str) -> str:
        """The name of the database that holds a state."""
        return f"state_{state}"


class OwnDatabase:
    """The database of one test; made when it is asked for, gone after `drop`."""

    def __init__(self, states: States) -> None:
        self._states = states
        self._name = f"test_{secrets.token_hex(4)}"

    def empty(self) -> str:
        """Return the URL of an empty one."""
        return self._states.server.createdb(self._name)

    def begin(self, state: str, begin: Callable[[str], Made]) -> tuple[str, Made]:
        """Return the URL of a copy of a state, and what `begin` made in that, see States.reach."""
        made = self._states.reach(state, begin)
        return self._states.server.copydb(self._name, States.template(state)), made

    def drop(self) -> None:
        """Remove it, if there is one."""
        self._states.server.dropdb(self._name)
