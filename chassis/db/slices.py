"""What is old goes slice by slice, each in a unit of work of its own: no transaction grows with what has piled up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Table, delete, select, tuple_, update

if TYPE_CHECKING:
    from sqlalchemy.sql.dml import Delete, Update

    from chassis.service import Service

SLICE = 1000


def delete_in_slices(service: Service, table: Table, old: ColumnElement[bool], size: int | None = None) -> None:
    """Delete the rows that meet a condition, however many they are; `size` is for rows that are large."""
    _in_slices(service, delete(table), table, old, size or SLICE)


def empty_in_slices(service: Service, table: Table, old: ColumnElement[bool], *columns: str) -> None:
    """Empty columns of the rows that meet a condition, which must no longer hold for a row that was emptied."""
    _in_slices(service, update(table).values(dict.fromkeys(columns)), table, old, SLICE)


def _in_slices(service: Service, statement: Delete | Update, table: Table, old: ColumnElement[bool],
               size: int) -> None:
    key: Any = tuple_(*table.primary_key.columns)
    some = statement.where(key.in_(select(*table.primary_key.columns).where(old).limit(size)))
    more = True
    while more:
        with service.db.unit_of_work() as uow:
            more = uow.execute(some).rowcount == size
