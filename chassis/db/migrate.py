"""Migrations: the chassis' tables and the service's own, each with its own Alembic history.

Running code must survive them, so they carry lock time-outs, and only one process migrates at a time. Because they only
add, a database that is ahead of the code (a later version made it so, and the old one runs again) is left as it is.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, column, inspect, select, text
from sqlalchemy import table as sql_table

from chassis.db.engine import Database

_LOCK = 7_301_552_001
_CHASSIS = "chassis.db.migrations"


def migrate(database: Database, package: str) -> None:
    """Bring the chassis' tables and those of `package` (its folder holds the versions) to the newest version."""
    with database.unit_of_work() as uow:
        if not database.is_sqlite:
            uow.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        for folder, version_table in ((_CHASSIS, "alembic_version_chassis"), (package, "alembic_version")):
            if _lacks(uow.connection, folder, version_table):
                command.upgrade(_config(uow.connection, folder, version_table), "head")


def is_current(database: Database, package: str) -> bool:
    """Tell whether the database stands at the newest version of this code."""
    with database.read() as connection:
        return (_version(connection, "alembic_version_chassis") == _head(_CHASSIS)
                and _version(connection, "alembic_version") == _head(package))


def is_behind(database: Database, package: str) -> bool:
    """Tell whether this code needs migrations that the database does not have; one ahead of the code is not behind."""
    with database.read() as connection:
        return (_lacks(connection, _CHASSIS, "alembic_version_chassis")
                or _lacks(connection, package, "alembic_version"))


def _lacks(connection: Connection, folder: str, version_table: str) -> bool:
    version = _version(connection, version_table)
    return version != _head(folder) and (version is None or version in _known(folder))


def _version(connection: Connection, table: str) -> str | None:
    if not inspect(connection).has_table(table):
        return None
    return connection.execute(select(column("version_num")).select_from(sql_table(table))).scalar()


@cache
def _head(package: str) -> str | None:
    return ScriptDirectory.from_config(_config(None, package, "")).get_current_head()


@cache
def _known(package: str) -> frozenset[str]:
    """Return all versions that this code has a migration for."""
    script = ScriptDirectory.from_config(_config(None, package, ""))
    return frozenset(one.revision for one in script.walk_revisions())


def _config(connection: Connection | None, package: str, version_table: str) -> Config:
    config = Config()
    config.set_main_option("script_location", _folder("chassis.db") + "/alembic")
    config.set_main_option("version_locations", _folder(package))
    config.set_main_option("path_separator", "newline")
    config.attributes.update(connection=connection, version_table=version_table)
    return config


def _folder(package: str) -> str:
    return str(Path(str(resources.files(package))))
