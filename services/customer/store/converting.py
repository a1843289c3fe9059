"""A field on its way to another type: the new column beside the old one, filled while records are written.

Until the swap every write of the old field writes the new column too (`Shadow`), in every process that has noticed,
and the job fills the rest. A process that notices the swap late still writes both, so no value is ever lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, Table, Update, and_, bindparam, func, select, update

from chassis.db import UnitOfWork
from services.customer.model.fields import CONVERTING, READY, FieldDef
from services.customer.model.objects import ObjectDef
from services.customer.model.type_change import Convert, Place, converter, forgiving
from services.customer.store.columns import field_columns, record_table


@dataclass(frozen=True)
class Shadow:
    """The new field behind a field, and how a value gets there."""

    source: FieldDef
    target: FieldDef
    convert: Convert

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the new columns."""
        return tuple(column.name for column in field_columns(self.target))

    def params(self, value: Any) -> dict[str, Any]:
        """The parameters of the new columns for an old wire value."""
        return bound(self.target, self.convert(value))


def shadows_of(definition: ObjectDef, place: Place) -> dict[str, Shadow]:
    """The fields of an object that are on their way, by name."""
    fields = {one.name: one for one in definition.fields if one.state == READY}
    return {one.name: Shadow(fields[one.name], one, forgiving(converter(fields[one.name], one, place)))
            for one in definition.fields if one.state == CONVERTING and one.name in fields}


def bound(field: FieldDef, value: Any) -> dict[str, Any]:
    """The parameters of a field's columns for a wire value."""
    names = [column.name for column in field_columns(field)]
    if value is None:
        return dict.fromkeys(names)
    if field.row.composite is not None:
        return dict(zip(names, field.row.composite.spread(value), strict=True))
    return {names[0]: field.row.bind(value) if field.row.bind else value}


def wire_of(field: FieldDef, parts: tuple[Any, ...]) -> Any:
    """The wire value of what a field's columns hold."""
    if parts[0] is None:
        return None
    if field.row.composite is not None:
        return field.row.composite.gather(*parts)
    load: Callable[[Any], Any] | None = field.row.load
    return load(parts[0]) if load else parts[0]


def columns_of(table: Table, field: FieldDef) -> list[Any]:
    """The columns of a field in a table that has them."""
    return [table.c[column.name] for column in field_columns(field)]


def distinct_values(object_name: str, field: FieldDef, most: int) -> Select[Any]:
    """Every different value with how often it stands, at most `most`."""
    table = record_table(object_name, [field])
    columns = columns_of(table, field)
    return select(*columns, func.count()).where(columns[0].is_not(None)).group_by(*columns).limit(most)


class Filler:
    """Fills the new column piece by piece; a value that somebody writes meanwhile is left as he wrote it."""

    def __init__(self, object_name: str, shadow: Shadow) -> None:
        self._shadow = shadow
        self._table = record_table(object_name, [shadow.source, shadow.target])
        self._old = columns_of(self._table, shadow.source)

    def count(self, connection: Connection) -> int:
        """How many records there are."""
        return connection.execute(select(func.count()).select_from(self._table)).scalar_one()

    def fill(self, uow: UnitOfWork, after: str | None, size: int) -> tuple[str | None, int, list[Any]]:
        """Fill a piece behind an id: the last id of it, how many records, and the old values that did not fit."""
        query = select(self._table.c.id, *self._old).order_by(self._table.c.id).limit(size)
        rows = uow.execute(query if after is None else query.where(self._table.c.id > after)).all()
        params, unfit = [], []
        for id, *parts in rows:
            if parts[0] is None:
                continue
            value = wire_of(self._shadow.source, tuple(parts))
            converted = self._shadow.convert(value)
            if converted is None:
                unfit.append(value)
            else:
                params.append({"key": id, **self._before(parts), **bound(self._shadow.target, converted)})
        if params:
            uow.execute(self._statement, params)
        return rows[-1].id if rows else None, len(rows), unfit

    def _before(self, parts: list[Any]) -> Mapping[str, Any]:
        return {f"was_{place}": part for place, part in enumerate(parts)}

    @property
    def _statement(self) -> Update:
        same = [column.is_not_distinct_from(bindparam(f"was_{place}", type_=column.type))
                for place, column in enumerate(self._old)]
        new = {name: bindparam(name) for name in self._shadow.columns}
        return update(self._table).where(and_(self._table.c.id == bindparam("key"), *same)).values(new)
