"""Composite indexes for shapes of lists: their columns, and which of them an object shall have."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Index, Table, select

from services.customer.model.list_shapes import ListShape
from services.customer.model.names import SYSTEM_FIELDS
from services.customer.model.objects import ObjectDef
from services.customer.store.columns import index_name
from services.customer.store.list_shapes import list_index

NEVER_MISSING = frozenset({"id", "version", "created_at", "updated_at"})


def column_names(definition: ObjectDef) -> dict[str, str]:
    """Member that a shape may name → its column, also inside values of several parts."""
    names = {name: name for name in SYSTEM_FIELDS}
    for name, field in definition.ready.items():
        names[name] = field.column
        for part, suffix in field.row.composite.parts.items() if field.row.composite else ():
            names[f"{name}.{part}"] = field.column + suffix
    return names


def index_of(shape: ListShape, table: Table, definition: ObjectDef, sqlite: bool) -> Index | None:
    """The index for a shape; None when a member of it is gone."""
    names = column_names(definition)
    if not names.keys() >= set(shape.members()):
        return None
    scope = [shape.scope] if shape.scope else []
    equal = [table.c[names[name]] for name in (*shape.equal, *scope)]
    order = [_ordered(table.c[names[name]], name, down, sqlite) for name, down in shape.order]
    words = ",".join((*(column.name for column in equal), *(f"{names[name]} {down}" for name, down in shape.order)))
    digest = hashlib.sha256(words.encode()).hexdigest()[:10]
    return Index(index_name(definition.name, "lists", digest), *equal, *order)


def kept_indexes(connection: Connection, object_name: str) -> Mapping[str, Any]:
    """What is decided: name → row."""
    query = select(list_index).where(list_index.c.object == object_name)
    return {row.name: row for row in connection.execute(query)}


def wanted_list_indexes(connection: Connection, table: Table, definition: ObjectDef) -> list[Index]:
    """The composite indexes that the object shall have."""
    sqlite = connection.dialect.name == "sqlite"
    made = (index_of(ListShape.of_json(row.shape), table, definition, sqlite)
            for row in kept_indexes(connection, definition.name).values())
    return [index for index in made if index is not None]


def _ordered(column: Any, name: str, down: bool, sqlite: bool) -> Any:
    """As lists order it: missing values last. SQLite keeps them first, which its descending indexes turn round."""
    if not down:
        return column.asc()
    return column.desc() if sqlite or name in NEVER_MISSING else column.desc().nulls_last()
