"""The PostgreSQL sequences behind automatic numbers: one for a field, one more for each year or month it counts in.

A sequence has the names of its object and its column. Two fields can meet in that: `line_number` of `order` and
`number` of `order_line`. The second of them gets a name of its own, a digest, and that this sequence is there says that
the field uses it; nothing else is kept. Fields that shared one before that was so go on sharing it: each of their
numbers was given once, and will be.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection, func, inspect, select

from services.customer.model.fields import FieldDef
from services.customer.model.objects import ObjectDef
from services.customer.store.tables import field_def

_KIND = "auto_number"


def plain_name(object_name: str, column: str, period: str = "") -> str:
    """The usual name of a sequence."""
    if not period:
        return f"n_{object_name[:28]}_{column[:28]}"
    return f"n{period}{_ending(object_name, column)}"


def own_name(object_name: str, column: str, period: str = "") -> str:
    """The name of a sequence whose usual name belongs to another field; no usual name looks like it."""
    digest = hashlib.sha256(f"{object_name}.{column}".encode()).hexdigest()[:24]
    return f"n{period}__{digest}"


def sequence_name(connection: Connection, object_name: str, column: str, period: str = "") -> str:
    """The name that the sequence of a field has, or will have in a new period."""
    name = own_name if _is_there(connection, own_name(object_name, column)) else plain_name
    return name(object_name, column, period)


def make_sequences(connection: Connection, definition: ObjectDef) -> None:
    """Make what the automatic numbers of an object need."""
    for field in definition.fields:
        make_sequence(connection, definition.name, field)


def make_sequence(connection: Connection, object_name: str, field: FieldDef) -> None:
    """Make what a field needs if it is an automatic number."""
    if field.type != _KIND or connection.dialect.name == "sqlite":
        return
    name = plain_name(object_name, field.column)
    if _is_there(connection, name) and _claimed(connection, object_name, field.column):
        name = own_name(object_name, field.column)
    connection.exec_driver_sql(f'CREATE SEQUENCE IF NOT EXISTS "{name}"')


def drop_sequences(connection: Connection, definition: ObjectDef) -> None:
    """Drop all sequences of an object, but none that a field of another one counts with."""
    if connection.dialect.name == "sqlite":
        return
    for field in definition.fields:
        if field.type == _KIND:
            for name in _sequences(connection, definition.name, field.column):
                connection.exec_driver_sql(f'DROP SEQUENCE IF EXISTS "{name}"')


def _sequences(connection: Connection, object_name: str, column: str) -> list[str]:
    """All sequences that are a field's alone."""
    first = sequence_name(connection, object_name, column)
    if first == plain_name(object_name, column) and _claimed(connection, object_name, column):
        return []
    ending = own_name(object_name, column)[1:] if first == own_name(object_name, column) else _ending(
        object_name, column)
    periods = [name for name in inspect(connection).get_sequence_names()
               if name.endswith(ending) and name.removesuffix(ending)[1:].isdigit()]
    return [first, *periods]


def _claimed(connection: Connection, object_name: str, column: str) -> bool:
    """Whether a field of another object has the same usual name and no sequence of its own."""
    found = connection.execute(select(field_def.c.object, field_def.c.column).where(
        field_def.c.body["type"].as_string() == _KIND))
    wanted = plain_name(object_name, column)
    return any(plain_name(*other) == wanted and not _is_there(connection, own_name(*other))
               for other in found if tuple(other) != (object_name, column))


def _is_there(connection: Connection, name: str) -> bool:
    return bool(connection.execute(select(func.to_regclass(f'"{name}"').is_not(None))).scalar())


def _ending(object_name: str, column: str) -> str:
    return f"_{object_name[:26]}_{column[:26]}"
