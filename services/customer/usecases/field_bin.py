"""The bin of fields: what was deleted can come back for some days, with its values.

A binned field exists for nobody; its column stands and its name is free for another one. Records that its values point
at may be deleted all the same: the binned values let go of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from chassis.clock import to_wire, utcnow
from chassis.db import UnitOfWork
from chassis.http.problem import FieldProblem, Problem
from chassis.jobs import enqueue
from services.customer.model.faults import BadValueError, InvalidError
from services.customer.model.fields import ADDING, BINNED, CONVERTING, READY, REMOVING, FieldDef
from services.customer.model.names import RESERVED_FIELDS, check_name
from services.customer.model.objects import ObjectDef
from services.customer.store import definitions, schema
from services.customer.store.columns import record_table
from services.customer.store.link_tables import link_table
from services.customer.store.tables import field_def
from services.customer.usecases.define_objects import (
    SETTLE,
    check_targets,
    keep_object,
    locked_object,
    name_taken,
    redescribed,
)

if TYPE_CHECKING:
    from chassis.service import Service


def binned_fields(service: Service, object_name: str) -> list[dict[str, Any]]:
    """What lies in the bin of an object: the fields by the names of their columns, oldest first."""
    days = timedelta(days=service.settings.bin_days)
    query = select(field_def).where(field_def.c.object == object_name, field_def.c.state == BINNED)
    with service.db.read() as connection:
        rows = connection.execute(query.order_by(field_def.c.updated_at, field_def.c.column)).all()
    return [{"id": row.column, "name": row.name, "type": row.body["type"], "label": row.body["label"],
             "deleted_at": to_wire(row.updated_at), "purged_at": to_wire(row.updated_at + days)} for row in rows]


def restore_field(service: Service, uow: UnitOfWork, object_name: str, column: str, name: Any,
                  replace_present: bool = False) -> FieldDef:
    """Bring a field back, under another name when its own is taken; raises 404, 409 and BadValueError.

    Or in the place of the present field of its name, which goes to the bin: so a change of type is undone.
    """
    current = locked_object(uow, object_name, None)
    binned = _binned(current, column)
    name = binned.name if name is None else check_name(name, RESERVED_FIELDS)
    if replace_present and name in current.ready:
        current = _set_aside(service, uow, current, current.ready[name])
    if any(one.name == name and one.state in (ADDING, CONVERTING, READY) for one in current.fields):
        raise name_taken()
    check_targets(service, object_name, (binned,))
    back = replace(binned, name=name, state=ADDING)
    changed = _with(current, back)
    ready = not back.unique or _indexed(uow, changed, back)
    back = replace(back, state=READY if ready else ADDING)
    definitions.rename_field(uow, object_name, back)
    keep_object(service, uow, _described(_with(current, back)) if replace_present else _with(current, back),
                reread=True)
    enqueue(uow, SETTLE, {"object": object_name})
    return back


def purge_field(service: Service, uow: UnitOfWork, object_name: str, column: str) -> None:
    """Let go of a binned field for good; raises 404."""
    current = locked_object(uow, object_name, None)
    _purge(service, uow, current, [_binned(current, column)])


def purge_bin(service: Service, definition: ObjectDef) -> None:
    """Let go of what has been in the bin of an object long enough."""
    if not any(field.state == BINNED for field in definition.fields):
        return
    with service.db.unit_of_work() as uow:
        current = locked_object(uow, definition.name, None)
        old = _old(uow, definition.name, utcnow() - timedelta(days=service.settings.bin_days))
        if old:  # the job that follows looks into the bin again
            _purge(service, uow, current, [field for field in current.fields if field.column in old])


def release_binned(service: Service, uow: UnitOfWork, object_name: str, ids: Sequence[str]) -> None:
    """Let binned values go of records that are about to be deleted: those of binned fields and of binned objects."""
    if not ids:
        return
    types = service.parts["types"]
    for source in (*(one.definition for one in types.all().values()), *types.binned().values()):
        for field in source.fields:
            if field.target == object_name and BINNED in (field.state, source.state):
                _release(uow, source.name, field, list(ids))


def _release(uow: UnitOfWork, source: str, field: FieldDef, ids: list[str]) -> None:
    table = record_table(source, [field])
    column: Any = table.c[field.column]
    if field.type == "reference":
        uow.execute(update(table).where(column.in_(ids)).values({field.column: None}))
        return
    links = link_table(source, field)
    shorter = func.nullif(func.replace(column, bindparam("entry"), "|"), "|")
    statement = update(table).where(table.c.id.in_(
        select(links.c.record_id).where(links.c.target_id == bindparam("gone")))).values({field.column: shorter})
    uow.execute(statement, [{"entry": f"|{one}|", "gone": one} for one in ids])
    uow.execute(delete(links).where(links.c.target_id.in_(ids)))


def _set_aside(service: Service, uow: UnitOfWork, current: ObjectDef, present: FieldDef) -> ObjectDef:
    gone = replace(present, state=BINNED)
    if not service.settings.bin_days or present.is_calculated:
        gone = replace(present, state=REMOVING, unique=False, indexed=False)
    definitions.update_field(uow, current.name, gone)
    return _with(current, gone)


def _described(changed: ObjectDef) -> ObjectDef:
    """The object with the same description, when that still holds; raises 409."""
    try:
        return redescribed(changed, changed.description())
    except (InvalidError, BadValueError) as error:
        raise Problem(409, "field_in_use") from error


def _binned(definition: ObjectDef, column: str) -> FieldDef:
    found = next((one for one in definition.fields if one.column == column and one.state == BINNED), None)
    if found is None:
        raise Problem(404, "not_in_bin")
    return found


def _with(definition: ObjectDef, field: FieldDef) -> ObjectDef:
    fields = tuple(field if one.column == field.column else one for one in definition.fields)
    return replace(definition, fields=fields)


def _indexed(uow: UnitOfWork, changed: ObjectDef, field: FieldDef) -> bool:
    try:
        return schema.index_field(uow.connection, changed, field)
    except IntegrityError as error:
        raise Problem(409, "values_not_unique", errors=[FieldProblem("/unique", "values_not_unique")]) from error


def _old(uow: UnitOfWork, object_name: str, limit: datetime) -> set[str]:
    query = select(field_def.c.column).where(
        field_def.c.object == object_name, field_def.c.state == BINNED, field_def.c.updated_at < limit)
    return set(uow.execute(query).scalars())


def _purge(service: Service, uow: UnitOfWork, definition: ObjectDef, fields: Iterable[FieldDef]) -> None:
    for field in fields:
        gone = replace(field, state=REMOVING, unique=False, indexed=False)
        definitions.update_field(uow, definition.name, gone)
        definitions.touch(uow)
    enqueue(uow, SETTLE, {"object": definition.name})
