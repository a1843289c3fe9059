"""Link tables: one for each list of references, with a row per link.

The record's own row keeps the list, too, as text in the order that people gave it, so reading a record asks no second
table. The link table answers "who points at this", keeps links from leading nowhere (a target cannot go while a row
names it) and serves `has` in lists. Both are written by the same use cases in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, Index, MetaData, Table, bindparam, delete, select
from sqlalchemy.schema import CreateIndex, CreateTable

from chassis.db import UnitOfWork
from chassis.db.types import Id
from services.customer.model.fields import FieldDef
from services.customer.store.columns import bounded_name, table_name

Pair = tuple[str, str]


def link_name(object_name: str, field: FieldDef) -> str:
    """The name of a field's link table."""
    return bounded_name("l", object_name, field.column)


def link_table(object_name: str, field: FieldDef, metadata: MetaData | None = None) -> Table:
    """The link table of a list of references; a deleted record takes its own links along."""
    metadata = metadata or MetaData()
    own, other = table_name(object_name), table_name(str(field.target))
    for name in {own, other} - metadata.tables.keys():
        Table(name, metadata, Column("id", Id(), primary_key=True))
    name = link_name(object_name, field)
    return Table(
        name, metadata,
        Column("record_id", Id(), ForeignKey(f"{own}.id", ondelete="CASCADE"), primary_key=True),
        Column("target_id", Id(), ForeignKey(f"{other}.id"), primary_key=True),
        Index(bounded_name(name, "target"), "target_id", "record_id"))


def create_link_table(connection: Connection, object_name: str, field: FieldDef, *, tied: bool = True) -> None:
    """Make the link table of a field; untied it gets its foreign keys later."""
    table = link_table(object_name, field)
    connection.execute(CreateTable(table, include_foreign_key_constraints=None if tied else []))
    for index in table.indexes:
        connection.execute(CreateIndex(index))


def drop_link_table(connection: Connection, object_name: str, field: FieldDef) -> None:
    """Drop the link table of a field."""
    connection.exec_driver_sql(f'DROP TABLE IF EXISTS "{link_name(object_name, field)}"')


def add_links(uow: UnitOfWork, table: Table, pairs: Sequence[Pair]) -> None:
    """Keep links, given as (record, target)."""
    if pairs:
        uow.insert_many(table, [{"record_id": record, "target_id": target} for record, target in pairs])


def drop_links(uow: UnitOfWork, table: Table, pairs: Sequence[Pair]) -> None:
    """Forget links, given as (record, target)."""
    gone = delete(table).where(table.c.record_id == bindparam("record"), table.c.target_id == bindparam("target"))
    uow.later(gone, [{"record": record, "target": target} for record, target in pairs])


def change_links(uow: UnitOfWork, tables: Mapping[str, Table],
                 pairs: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> None:
    """Renew the links of records, given as (before, after); a new record has an empty before."""
    changes = list(pairs)
    for name, table in tables.items():
        gone: list[Pair] = []
        new: list[Pair] = []
        for before, after in changes:
            old, now = before.get(name) or (), after.get(name) or ()
            if old != now:
                gone += [(after["id"], one) for one in old if one not in now]
                new += [(after["id"], one) for one in now if one not in old]
        drop_links(uow, table, gone)
        add_links(uow, table, new)


def pointing_at(connection: Connection, table: Table, targets: Sequence[str], most: int) -> list[str]:
    """The records that a link table says to point at any of the targets; at most `most`."""
    query = select(table.c.record_id).where(table.c.target_id.in_(targets)).distinct().limit(most)
    return list(connection.execute(query).scalars())
