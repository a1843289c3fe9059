"""From the model's words for storage to columns of the database, and the table of one object."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Index, Integer, MetaData, Table
from sqlalchemy.schema import SchemaItem

from chassis.criteria import Field
from chassis.db.bulk import NULL, copied
from chassis.db.types import Exact, Id, PlainText, SortedText, UtcDateTime
from services.customer.model.fields import FieldDef
from services.customer.model.types import Storage
from services.customer.model.values.numbers import MONEY_PRECISION, MONEY_SCALE

MAX_IDENTIFIER = 60
_TYPES: dict[str, Callable[..., Any]] = {
    "text": lambda *_: PlainText(),  # how long it may be, the model decides: growing needs no DDL
    "sorted_text": lambda *_: SortedText(),
    "long_text": PlainText,
    "integer": BigInteger,
    "exact": Exact,
    "money": lambda: Exact(MONEY_PRECISION, MONEY_SCALE),
    "date": Date,
    "datetime": UtcDateTime,
    "boolean": Boolean,
    "id": Id,
}


def table_name(object_name: str) -> str:
    """The table of an object."""
    return f"r_{object_name}"


def system_columns() -> list[Column[Any]]:
    """The columns that every record has."""
    return [
        Column("id", Id(), primary_key=True),
        Column("version", Integer, nullable=False),
        Column("created_at", UtcDateTime(), nullable=False),
        Column("created_by", Id()),
        Column("updated_at", UtcDateTime(), nullable=False),
        Column("updated_by", Id()),
        Column("owner_id", Id()),
        Column("department_id", Id()),
    ]


def field_columns(field: FieldDef) -> list[Column[Any]]:
    """The columns of a field: one, or those of a value of several parts."""
    link = [ForeignKey(f"{table_name(field.target)}.id")] if field.target and field.storage.kind == "id" else []
    columns: list[Column[Any]] = [Column(field.column, _type(field.storage), *link)]
    if field.row.composite is not None:
        columns += [Column(field.column + suffix, _type(storage))
                    for suffix, storage in field.row.composite.others.items()]
    return columns


def record_table(object_name: str, fields: Iterable[FieldDef]) -> Table:
    """The table of an object with these fields, on a metadata of its own; references are named, not resolved."""
    metadata = MetaData()
    items: list[SchemaItem] = list(system_columns())
    targets = set()
    for field in fields:
        items.extend(field_columns(field))
        targets.add(field.target if field.storage.kind == "id" else None)
    for target in targets - {None, object_name}:
        Table(table_name(target), metadata, Column("id", Id(), primary_key=True))
    return Table(table_name(object_name), metadata, *items)


def index_name(object_name: str, *parts: str) -> str:
    """A name for an index on the table of an object."""
    return bounded_name(table_name(object_name), *parts)


def bounded_name(*parts: str) -> str:
    """A name of these parts, never longer than the database takes."""
    name = "__".join(parts)
    if len(name) <= MAX_IDENTIFIER:
        return name
    return f"{name[: MAX_IDENTIFIER - 9]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def standard_indexes(table: Table, object_name: str) -> list[Index]:
    """The indexes that serve every list: newest first, of all, of a department, of an owner.

    Lists read them backwards. New records so come to the end of the index, or of their part of it, where pages are
    filled; at its beginning each page would be split and stay half empty.
    """
    newest = (table.c.created_at, table.c.id)
    return [
        Index(index_name(object_name, "newest"), *newest),
        Index(index_name(object_name, "department"), table.c.department_id, *newest),
        Index(index_name(object_name, "owner"), table.c.owner_id, *newest),
    ]


def field_indexes(table: Table, object_name: str, field: FieldDef) -> list[Index]:
    """The indexes of one field: unique values, and equality within lists that show the newest first.

    Most links are empty in most records and nobody sorts by one, so theirs leaves out records that have none.
    """
    column = table.c[field.column]
    indexes = []
    if field.unique:
        indexes.append(Index(index_name(object_name, field.column, "unique"), column, unique=True))
    if field.has_index:
        newest = (table.c.created_at, table.c.id)
        some = column.is_not(None) if field.type == "reference" else None
        indexes.append(Index(index_name(object_name, field.column, "newest"), column, *newest,
                             postgresql_where=some, sqlite_where=some))
    return indexes


def _type(storage: Storage) -> Any:
    return _TYPES[storage.kind](*storage.size)


def criteria_field(field: FieldDef, readable: bool) -> Field:
    """The field as criteria know it."""
    choices = [choice["value"] for choice in field.options.get("choices", ())] or None
    scale = field.storage.size[1] if field.storage.kind == "exact" else None
    return Field(field.name, field.row.kind, readable, scale, field.options.get("currency"), choices, field.target)


def copy_writer_of(field: FieldDef) -> tuple[Callable[[Any], str] | None, str]:
    """How a value of a field is written for COPY (None: its wire form is the very text), and how none is."""
    nothing = "\t".join([NULL] * len(field_columns(field)))
    composite = field.row.composite
    if composite is not None:
        return lambda value: "\t".join(map(_copied_part, composite.spread(value))), nothing
    bind = field.row.bind if field.storage.kind in _TEXTS else None
    return (lambda value: copied(bind(value))) if bind else _COPY_WRITERS.get(field.storage.kind), nothing


def _copied_part(part: Any) -> str:
    """One column of a composite value for COPY: text, or an exact number."""
    return NULL if part is None else copied(part) if isinstance(part, str) else f"{part:f}"


_TEXTS = ("text", "sorted_text", "long_text")
_COPY_WRITERS: Mapping[str, Callable[[Any], str]] = {
    **dict.fromkeys(_TEXTS, copied), "integer": str, "boolean": lambda value: "t" if value else "f",
}
