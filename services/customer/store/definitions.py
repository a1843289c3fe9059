"""Definitions in the database: reading them whole, writing one change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from services.customer.model.fields import FieldDef
from services.customer.model.objects import ObjectDef
from services.customer.store.tables import field_def, layout_def, object_def, schema_revision

_KEPT = ("name", "type", "label", "help", "required", "unique", "indexed", "default", "position", "options",
         "message", "sensitive", "personal")
_ADD_FIELD = field_def.insert()
_SET_FIELD = (update(field_def).where(field_def.c.object == bindparam("of"), field_def.c.column == bindparam("at"))
              .values(state=bindparam("to"), body=bindparam("what"), updated_at=bindparam("when")))


def revision(connection: Connection) -> int:
    """A number that has grown when any definition has changed."""
    return connection.execute(select(schema_revision.c.revision)).scalar_one()


def read_all(connection: Connection) -> dict[str, ObjectDef]:
    """Every object with all its fields, by name."""
    fields: dict[str, list[FieldDef]] = {}
    for row in connection.execute(select(field_def).order_by(field_def.c.object)):
        fields.setdefault(row.object, []).append(_field(row))
    return {row.name: _object(row, fields.get(row.name, [])) for row in connection.execute(select(object_def))}


def read_locked(uow: UnitOfWork, name: str) -> ObjectDef | None:
    """One object, locked against everybody else who wants to change it."""
    row = uow.execute(select(object_def).where(object_def.c.name == name).with_for_update()).first()
    if row is None:
        return None
    found = uow.execute(select(field_def).where(field_def.c.object == name))
    return _object(row, [_field(one) for one in found])


def insert_object(uow: UnitOfWork, definition: ObjectDef) -> None:
    """Keep a new object and its fields."""
    uow.execute(object_def.insert(), {"name": definition.name, "version": definition.version,
                                      "state": definition.state, "body": definition.description(),
                                      "updated_at": utcnow()})
    insert_fields(uow, definition.name, definition.fields)
    touch(uow)


def insert_fields(uow: UnitOfWork, object_name: str, fields: Iterable[FieldDef]) -> None:
    """Keep new fields."""
    now = utcnow()
    uow.execute(_ADD_FIELD, [
        {"object": object_name, "column": field.column, "name": field.name, "state": field.state,
         "body": _field_body(field), "updated_at": now} for field in fields])


def update_object(uow: UnitOfWork, definition: ObjectDef) -> None:
    """Keep the changed description and version of an object."""
    uow.execute(update(object_def).where(object_def.c.name == definition.name).values(
        version=definition.version, state=definition.state, body=definition.description(), updated_at=utcnow()))
    touch(uow)


def update_field(uow: UnitOfWork, object_name: str, field: FieldDef) -> None:
    """Keep the changed definition or state of a field."""
    uow.execute(_SET_FIELD, {"of": object_name, "at": field.column, "to": field.state, "what": _field_body(field),
                             "when": utcnow()})


def rename_field(uow: UnitOfWork, object_name: str, field: FieldDef) -> None:
    """Keep a field that comes back, perhaps under another name."""
    update_field(uow, object_name, field)
    uow.execute(update(field_def).where(field_def.c.object == object_name, field_def.c.column == field.column)
                .values(name=field.name))


def forget_field(uow: UnitOfWork, object_name: str, column: str) -> None:
    """Forget a field whose column is gone."""
    uow.execute(delete(field_def).where(field_def.c.object == object_name, field_def.c.column == column))


def forget_object(uow: UnitOfWork, name: str) -> None:
    """Forget an object."""
    uow.execute(delete(field_def).where(field_def.c.object == name))
    uow.execute(delete(layout_def).where(layout_def.c.object == name))
    uow.execute(delete(object_def).where(object_def.c.name == name))
    touch(uow)


def touch(uow: UnitOfWork) -> None:
    """Tell every process that definitions have changed."""
    uow.execute(update(schema_revision).values(revision=schema_revision.c.revision + 1))


def _field_body(field: FieldDef) -> dict[str, Any]:
    return {name: getattr(field, name) for name in _KEPT}


def _field(row: Any) -> FieldDef:
    return FieldDef(**row.body, column=row.column, state=row.state)


def _object(row: Any, fields: list[FieldDef]) -> ObjectDef:
    body = {name: tuple(value) if isinstance(value, list) else value for name, value in row.body.items()}
    ordered = tuple(sorted(fields, key=lambda field: (field.position, field.name)))
    return ObjectDef(name=row.name, version=row.version, state=row.state, fields=ordered, **body)
