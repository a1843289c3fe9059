"""Records on their way to another database: their tables are made there, filled, and only then tied together.

References may run in circles, so foreign keys come last.
"""

from __future__ import annotations

from sqlalchemy import Connection, func, select
from sqlalchemy.schema import AddConstraint, CreateIndex, CreateTable

from chassis.db.copying import copy_tables
from services.customer.model.objects import ObjectDef
from services.customer.store.columns import record_table
from services.customer.store.definitions import read_all
from services.customer.store.link_tables import create_link_table, link_table
from services.customer.store.schema import is_sqlite, lists_of_references, wanted_indexes
from services.customer.store.sequences import make_sequences, sequence_name
from services.customer.store.tables import number_counter


def copy_records(source: Connection, target: Connection) -> int:
    """Make and fill the tables of all objects; the definitions are there already. Returns how many records."""
    definitions = list(read_all(source).values())
    copied = sum(_copy(source, target, definition) for definition in definitions)
    for definition in definitions:
        _tie(target, definition)
    return copied


def _copy(source: Connection, target: Connection, definition: ObjectDef) -> int:
    table = record_table(definition.name, definition.fields)
    target.execute(CreateTable(table, include_foreign_key_constraints=[]))
    copied = copy_tables(source, target, [table])
    for index in wanted_indexes(table, definition):
        target.execute(CreateIndex(index))
    for field in lists_of_references(definition.fields):
        create_link_table(target, definition.name, field, tied=False)
        copy_tables(source, target, [link_table(definition.name, field)])
    make_sequences(target, definition)
    _advance_numbers(source, target, definition)
    return copied


def _advance_numbers(source: Connection, target: Connection, definition: ObjectDef) -> None:
    if is_sqlite(target):
        return
    last = select(number_counter.c.column, number_counter.c.last).where(number_counter.c.object == definition.name)
    reached = dict(source.execute(last).all())
    for field in (one for one in definition.fields if one.type == "auto_number"):
        for counter, number in reached.items():
            column, _, period = counter.partition("@")
            if column == field.column:
                name = sequence_name(target, definition.name, field.column, period)
                target.exec_driver_sql(f'CREATE SEQUENCE IF NOT EXISTS "{name}"')
                target.execute(select(func.setval(f'"{name}"', number)))


def _tie(target: Connection, definition: ObjectDef) -> None:
    if is_sqlite(target):
        return
    table = record_table(definition.name, definition.fields)
    tables = [table, *(link_table(definition.name, field) for field in lists_of_references(definition.fields))]
    for link in (link for one in tables for link in one.foreign_key_constraints):
        target.execute(AddConstraint(link))
