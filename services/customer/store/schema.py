"""Tables of objects, made and altered while records are being written.

On both databases DDL is transactional, so a table or a column commits together with the definition that
speaks of it and with the event: no crash leaves one without the other. What needs time stays out of that
transaction:

- A lock is waited for in short turns (`LOCK_TURN`), because everybody who comes later queues behind the one who waits.
- A new column has no default and no values, so adding it is instant at any size, its foreign key included.
- Indexes of small tables are made at once. Those of large ones are built concurrently by `settle`, which compares what
  definitions want with what stands, and so repairs whatever a crash has left: missing, half-built and
  unwanted indexes, columns of fields that are gone, fields that wait (`adding`) for their unique index.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Index, Table, column, inspect, select, table, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import CreateIndex, CreateTable

from chassis.http.problem import Problem
from chassis.ids import new_id
from services.customer.model.fields import ADDING, BINNED, READY, FieldDef
from services.customer.model.objects import ObjectDef
from services.customer.store.columns import (
    field_columns,
    field_indexes,
    record_table,
    standard_indexes,
    table_name,
)
from services.customer.store.link_tables import create_link_table, drop_link_table
from services.customer.store.list_indexes import wanted_list_indexes
from services.customer.store.sequences import drop_sequences, make_sequence, make_sequences

LOCK_TURN = "100ms"
PATIENCE = 60
SMALL = 20_000
LARGE = 20_000
_LOCK_NOT_AVAILABLE = "55P03"
_BROKEN = text("SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
               "WHERE i.indrelid = to_regclass(:table) AND NOT i.indisvalid")


def is_sqlite(connection: Connection) -> bool:
    """Whether this is the embedded database."""
    return connection.dialect.name == "sqlite"


def create_table(connection: Connection, definition: ObjectDef) -> None:
    """Make the table of a new object with all its indexes."""
    made = record_table(definition.name, definition.fields)

    def work() -> None:
        connection.execute(CreateTable(made))
        for index in wanted_indexes(made, definition):
            connection.execute(CreateIndex(index))
        for field in lists_of_references(definition.fields):
            create_link_table(connection, definition.name, field)
        make_sequences(connection, definition)

    patiently(connection, work)


def add_field(connection: Connection, definition: ObjectDef, field: FieldDef) -> bool:
    """Add the columns of a field, and its indexes when the table is small; tells whether nothing is left to do."""
    small = is_small(connection, definition.name)

    def work() -> None:
        operations = _operations(connection)
        for added in field_columns(field):
            operations.add_column(table_name(definition.name), added, inline_references=True)
        if small:
            _index_at_once(connection, definition.name, field)
        for made in lists_of_references([field]):
            create_link_table(connection, definition.name, made)
        make_sequence(connection, definition.name, field)

    patiently(connection, work)
    return small or not field.unique


def index_field(connection: Connection, definition: ObjectDef, field: FieldDef) -> bool:
    """Make the missing indexes of a field when the table is small; tells whether it was.

    Raises IntegrityError when values that should be unique are not.
    """
    if not is_small(connection, definition.name):
        return False
    patiently(connection, lambda: _index_at_once(connection, definition.name, field))
    return True


def drop_table(connection: Connection, definition: ObjectDef) -> None:
    """Drop the table of an object with what belongs to it."""
    def work() -> None:
        for field in lists_of_references(definition.fields):
            drop_link_table(connection, definition.name, field)
        if is_sqlite(connection) and _is_named_elsewhere(connection, definition.name):
            _leave_empty(connection, definition.name)
        else:
            connection.exec_driver_sql(f'DROP TABLE "{table_name(definition.name)}"')
        drop_sequences(connection, definition)

    patiently(connection, work)


def _is_named_elsewhere(connection: Connection, object_name: str) -> bool:
    """Whether an old column of another table, which SQLite cannot drop, still has a foreign key to this one."""
    own, inspector = table_name(object_name), inspect(connection)
    return any(key["referred_table"] == own for name in inspector.get_table_names() if name != own
               for key in inspector.get_foreign_keys(name))


def _leave_empty(connection: Connection, object_name: str) -> None:
    """Free the name of a table that must stand: SQLite lets foreign keys follow the new name."""
    own = table_name(object_name)
    for name in existing_indexes(connection, object_name):
        connection.exec_driver_sql(f'DROP INDEX IF EXISTS "{name}"')
    connection.exec_driver_sql(f'DELETE FROM "{own}"')  # noqa: S608 - a name of ours
    connection.exec_driver_sql(f'ALTER TABLE "{own}" RENAME TO "gone_{new_id()}"')


def is_small(connection: Connection, object_name: str) -> bool:
    """Whether an index on the table is a matter of milliseconds; on SQLite there is no other way anyhow."""
    if is_sqlite(connection):
        return True
    ids = record_table(object_name, ()).c.id
    return connection.execute(select(ids).offset(SMALL).limit(1)).first() is None


def lists_of_references(fields: Iterable[FieldDef]) -> list[FieldDef]:
    """The fields that have a link table."""
    return [field for field in fields if field.type == "reference_list"]


def is_large(connection: Connection, object_name: str) -> bool:
    """Whether the table has so many records that a list without an index of its own is slow."""
    ids = record_table(object_name, ()).c.id
    return connection.execute(select(ids).offset(LARGE).limit(1)).first() is not None


def wanted_indexes(on: Table, definition: ObjectDef) -> list[Index]:
    """Every index that the definition asks for."""
    own = [index for field in definition.fields if _keeps_indexes(field)
           for index in field_indexes(on, definition.name, field)]
    return [*standard_indexes(on, definition.name), *own]


def _keeps_indexes(field: FieldDef) -> bool:
    """A binned field needs none, but who deletes a record must find what still points at it."""
    return field.state in (ADDING, READY) or (field.state == BINNED and field.type == "reference" and not field.unique)


def patiently(connection: Connection, work: Callable[[], None]) -> None:
    """Run DDL that takes strong locks, in short turns; raises 503 when the table stays busy."""
    if is_sqlite(connection):
        work()
        return
    for _ in range(PATIENCE):
        try:
            with connection.begin_nested():
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TURN}'")
                work()
            return
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                raise
        time.sleep(random.uniform(0.02, 0.2))  # noqa: S311 - spreads waiting, protects nothing
    raise Problem(503, "table_busy", headers={"Retry-After": "5"})


def existing_indexes(connection: Connection, object_name: str) -> set[str]:
    """The names of the indexes that stand on an object's table."""
    return {str(index["name"]) for index in inspect(connection).get_indexes(table_name(object_name))}


def drop_unwanted_indexes(connection: Connection, definition: ObjectDef) -> bool:
    """Drop the indexes that nothing asks for any more when the table is small; tells whether it was."""
    if not is_small(connection, definition.name):
        return False
    unwanted = index_plan(connection, definition).unwanted

    def work() -> None:
        for name in unwanted:
            connection.exec_driver_sql(f'DROP INDEX "{name}"')

    if unwanted:
        patiently(connection, work)
    return True


@dataclass(frozen=True)
class IndexPlan:
    """What separates the indexes that stand from those that a definition wants."""

    missing: tuple[Index, ...]
    unwanted: tuple[str, ...]


NOTHING_TO_DO = IndexPlan((), ())


def index_plan(connection: Connection, definition: ObjectDef) -> IndexPlan:
    """Compare; a half-built index counts as unwanted and as missing."""
    table = record_table(definition.name, definition.fields)
    own = [*wanted_indexes(table, definition), *wanted_list_indexes(connection, table, definition)]
    wanted = {str(index.name): index for index in own}
    standing = existing_indexes(connection, definition.name)
    broken = set() if is_sqlite(connection) else _broken_indexes(connection, definition.name)
    return IndexPlan(tuple(index for name, index in wanted.items() if name not in standing - broken),
                     tuple(sorted((standing - wanted.keys()) | broken)))


def _broken_indexes(connection: Connection, object_name: str) -> set[str]:
    found = connection.execute(_BROKEN, {"table": table_name(object_name)})
    return set(found.scalars())


def _index_at_once(connection: Connection, object_name: str, field: FieldDef) -> None:
    standing = existing_indexes(connection, object_name)
    for index in field_indexes(record_table(object_name, [field]), object_name, field):
        if index.name not in standing:
            connection.execute(CreateIndex(index))


def _operations(connection: Connection) -> Operations:
    return Operations(MigrationContext.configure(connection))


def drop_fields(connection: Connection, object_name: str, fields: Sequence[FieldDef]) -> None:
    """Drop what fields are kept in that no process speaks of any more; SQLite keeps foreign keys, empty."""
    standing = {one["name"] for one in inspect(connection).get_columns(table_name(object_name))}
    going = [column.name for field in fields for column in field_columns(field) if column.name in standing]

    def work() -> None:
        for field in lists_of_references(fields):
            drop_link_table(connection, object_name, field)
        for name in going:
            _operations(connection).drop_column(table_name(object_name), name)

    if is_sqlite(connection):
        going = _without_foreign_keys(connection, object_name, going)
    patiently(connection, work)


def _without_foreign_keys(connection: Connection, object_name: str, columns: list[str]) -> list[str]:
    keys = inspect(connection).get_foreign_keys(table_name(object_name))
    linked = {name for key in keys for name in key["constrained_columns"]}
    for name in linked.intersection(columns):
        connection.execute(update(table(table_name(object_name), column(name))).values({name: None}))
    return [name for name in columns if name not in linked]
