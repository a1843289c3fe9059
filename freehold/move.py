"""Growing out of embedded mode: all data of a home folder into the databases that the settings name.

The embedded product must be stopped. Each service is copied in one transaction into its empty database; events that
were still under way go on from the new outbox; keys and files come along, so people stay signed in. The read model of
the reports is not copied: it is rebuilt from the records. Nothing is taken away from the old folder.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import click
from sqlalchemy import Connection

from chassis.clock import utcnow
from chassis.db.copying import copy_tables, is_empty
from chassis.db.engine import Database
from chassis.db.migrate import is_current
from chassis.db.tables import metadata as chassis_tables
from chassis.db.tables import outbox
from chassis.events.message import message_from_json
from chassis.service import Service, build
from freehold.run import lock_home
from freehold.services import PACKAGES, spec_of

_FOLDERS = ("keys", "imports")


def move(from_home: str) -> Iterator[str]:
    """Copy everything; yields a line for each step. Raises ClickException when something is in the way."""
    home = Path(from_home)
    if not (home / "gateway.db").is_file():
        raise click.ClickException(f"{home} is not the folder of an embedded installation")
    with ExitStack() as open_things:
        open_things.enter_context(lock_home(home))
        targets = [build(spec_of(name)) for name in PACKAGES]
        for service in targets:
            open_things.callback(service.close)
            _refuse_unless_empty(home, service)
        yield f"keys and files: {', '.join(_copy_folders(home, targets[0])) or 'none'}"
        for service in targets:
            service.prepare()
            yield f"{service.name}: {_copy_service(home, service)} rows"
    yield "done; start the services with these settings, the reports rebuild themselves"


def _refuse_unless_empty(home: Path, service: Service) -> None:
    if service.db.is_sqlite:
        raise click.ClickException(f"the settings do not name a PostgreSQL database for {service.name}")
    with closing(_source(home, service)) as source:
        if not is_current(source, service.spec.migrations):
            raise click.ClickException("start the embedded product once with this version before moving it")


def _copy_service(home: Path, service: Service) -> int:
    spec = service.spec
    tables = [*chassis_tables.sorted_tables, *spec.metadata.sorted_tables]
    with (closing(_source(home, service)) as source, source.read() as old, service.db.unit_of_work() as uow):
        used = [table.name for table in spec.metadata.sorted_tables
                if not is_empty(uow.connection, table) and not _made_by_migration(old, uow.connection, table)]
        if used:
            raise click.ClickException(f"the database of {service.name} is in use already ({', '.join(used)})")
        copied = copy_tables(old, uow.connection, tables)
        copied += spec.move(old, uow.connection) if spec.move else 0
        return copied + _copy_waiting(home, service.name, uow.connection)


def _made_by_migration(old: Connection, new: Connection, table: object) -> bool:
    """A single row that the old database has as well is what the migration put there."""
    rows = new.execute(table.select().limit(2)).all()  # type: ignore[attr-defined]
    return len(rows) == 1 and not is_empty(old, table)  # type: ignore[arg-type]


def _copy_waiting(home: Path, service: str, target: Connection) -> int:
    """Messages that wait in the local broker for a queue of this service go on from its outbox."""
    if not (home / "broker.db").is_file():
        return 0
    with closing(sqlite3.connect(home / "broker.db")) as broker:
        waiting = broker.execute("SELECT queue, body FROM message WHERE queue LIKE ? ORDER BY id",
                                 (f"{service}.%",)).fetchall()
    rows = [{"queue": queue, "type": message_from_json(body).type, "body": body, "created_at": utcnow()}
            for queue, body in waiting]
    if rows:
        target.execute(outbox.insert(), rows)
    return len(rows)


def _copy_folders(home: Path, service: Service) -> list[str]:
    copied = []
    for name in _FOLDERS:
        there = Path(service.settings.keys_dir) if name == "keys" else Path(service.settings.home) / name
        if (home / name).is_dir() and there.resolve() != (home / name).resolve():
            shutil.copytree(home / name, there, dirs_exist_ok=True)
            copied.append(name)
    return copied


def _source(home: Path, service: Service) -> Database:
    return Database(f"sqlite:///{home}/{service.name}.db", service.name)
