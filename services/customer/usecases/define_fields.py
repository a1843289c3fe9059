"""Add, change and take away fields while records are being written.

A new column commits with its definition. What takes time on a large table (indexes, dropping what is old)
is left to the job of `settle_schema`; a field that must be unique waits for it as `adding`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.exc import IntegrityError

from chassis.db import UnitOfWork
from chassis.http.problem import FieldProblem, Problem, not_found
from chassis.jobs import enqueue
from services.customer.model.faults import BadValueError, Fault, InvalidError
from services.customer.model.fields import (
    ADDING,
    BINNED,
    CONVERTING,
    MAX_POSITION,
    READY,
    REMOVING,
    FieldDef,
    change_field,
    read_field,
)
from services.customer.model.names import MANAGED_FIELDS, RESERVED_FIELDS, named
from services.customer.model.objects import MAX_FIELDS, ObjectDef, without_field
from services.customer.queries.kept_uses import retained
from services.customer.store import definitions, schema
from services.customer.usecases.calculations.recalculate import ask_for_all
from services.customer.usecases.currencies import in_base
from services.customer.usecases.define_objects import (
    REBUILD_KEYS,
    SETTLE,
    check_targets,
    keep_object,
    locked_object,
    name_taken,
    redescribed,
)
from services.customer.usecases.refusals import invalid_problem, refusal

if TYPE_CHECKING:
    from chassis.service import Service

T = TypeVar("T")


def add_field(service: Service, uow: UnitOfWork, object_name: str, given: Mapping[str, Any], *,
              managed: bool = False) -> FieldDef:
    """Add a field; it takes part in records as soon as it is ready, which is mostly at once.

    `managed`: the field is one that the system keeps; nobody else may have its name.
    """
    current = locked_object(uow, object_name, None)
    given = in_base(uow, named(given, {one.name for one in current.fields}, RESERVED_FIELDS))
    last = max((one.position for one in current.ready.values()), default=-1)
    made = _valid(lambda: read_field(given, min(last + 1, MAX_POSITION)))
    if not managed:
        refuse_managed([made])
    if any(one.name == made.name and one.state in (ADDING, READY) for one in current.fields):
        raise name_taken()
    if len(current.fields) >= MAX_FIELDS:
        raise Problem(409, "too_many_fields", params={"max": MAX_FIELDS})
    check_targets(service, object_name, (made,))
    made = replace(made, column=free_column(current, made.name))
    done = schema.add_field(uow.connection, current, made)
    made = replace(made, state=READY if done else ADDING)
    definitions.insert_fields(uow, object_name, [made])
    keep_object(service, uow, replace(current, fields=(*current.fields, made)))
    enqueue(uow, SETTLE, {"object": object_name})
    if made.is_calculated:
        ask_for_all(uow, object_name)
    return made


def alter_field(service: Service, uow: UnitOfWork, object_name: str, name: str,
                given: Mapping[str, Any], *, choices_too: bool = False) -> FieldDef:
    """Change a field; its name, type and way of storage stay. Tags are chosen elsewhere, which says `choices_too`."""
    current = locked_object(uow, object_name, None)
    before = field_of(current, name)
    if before.options.get("tags") and isinstance(given.get("options"), dict) and not choices_too:
        kept = {"tags": True, "choices": before.options["choices"]}
        given = {**given, "options": {**given["options"], **kept}}
    if before.is_managed and not choices_too:
        given = {**given, "options": before.options}
    after = _valid(lambda: change_field(before, given))
    if after.is_managed and not before.is_managed:
        refuse_managed([after])
    if after == before:
        return before
    changed = replace(current, fields=tuple(after if one is before else one for one in current.fields))
    definitions.update_field(uow, object_name, after)
    if (after.unique, after.has_index) != (before.unique, before.has_index):
        _reindex(uow, changed, after)
    keep_object(service, uow, changed)
    if after.is_calculated and after.options != before.options:
        ask_for_all(uow, object_name)
    return after


def order_fields(service: Service, uow: UnitOfWork, object_name: str, names: Any) -> ObjectDef:
    """Bring the fields of an object into the order of their names; every field must be named once."""
    current = locked_object(uow, object_name, None)
    if not isinstance(names, list) or sorted(map(str, names)) != sorted(current.ready):
        raise refusal([Fault("/fields", "not_every_field")])
    places = {name: place for place, name in enumerate(names)}
    fields = tuple(replace(one, position=places[one.name]) if one.state == READY else one for one in current.fields)
    moved = [one for one, before in zip(fields, current.fields, strict=True) if one != before]
    for field in moved:
        definitions.update_field(uow, object_name, field)
    changed = replace(current, fields=fields)
    if moved:
        keep_object(service, uow, changed)
    return replace(changed, version=current.version + bool(moved))


def remove_field(service: Service, uow: UnitOfWork, object_name: str, name: str) -> None:
    """Move a field to the bin; without one its column goes once no process speaks of it."""
    current = locked_object(uow, object_name, None)
    gone = replace(field_of(current, name), state=BINNED)
    if gone.is_managed:
        raise Problem(409, "field_managed")
    if retained(uow.connection, service.parts["types"].all(), object_name, name):
        raise Problem(409, "field_retained")
    if not service.settings.bin_days or gone.is_calculated:  # what is calculated can be calculated again
        gone = replace(gone, state=REMOVING, unique=False, indexed=False)
    fields = tuple(gone if one.column == gone.column else one for one in current.fields)
    try:
        changed = redescribed(replace(current, fields=fields), without_field(current, name))
    except (InvalidError, BadValueError) as error:
        raise Problem(409, "field_in_use") from error
    definitions.update_field(uow, object_name, gone)
    keep_object(service, uow, changed)
    enqueue(uow, SETTLE, {"object": object_name})
    if changed.duplicate_rules != current.duplicate_rules:
        enqueue(uow, REBUILD_KEYS, {"object": object_name})


def refuse_managed(fields: Sequence[FieldDef]) -> None:
    """Raise 422 for fields that only the system makes."""
    faults = [Fault("/options/managed", "unknown_option") for one in fields if one.is_managed]
    faults += [Fault("/name", "reserved_name", {"name": one.name}) for one in fields if one.name in MANAGED_FIELDS]
    if faults:
        raise refusal(faults)


def _reindex(uow: UnitOfWork, changed: ObjectDef, field: FieldDef) -> None:
    try:
        schema.index_field(uow.connection, changed, field)
    except IntegrityError as error:
        raise Problem(409, "values_not_unique", errors=[FieldProblem("/unique", "values_not_unique")]) from error
    schema.drop_unwanted_indexes(uow.connection, changed)
    enqueue(uow, SETTLE, {"object": changed.name})


def field_of(definition: ObjectDef, name: str) -> FieldDef:
    """A field that may be changed; raises 404, or 409 while it gets another type."""
    field = definition.ready.get(name)
    if field is None:
        raise not_found("field")
    if any(one.name == name and one.state == CONVERTING for one in definition.fields):
        raise Problem(409, "type_changing")
    return field


def free_column(definition: ObjectDef, name: str) -> str:
    """The field's name, or with a number when an old column of that name has not gone yet."""
    taken = {one.column for one in definition.fields}
    if name not in taken:
        return name
    return next(column for number in count(2) if (column := f"{name}__{number}") not in taken)


def _valid(read: Callable[[], T]) -> T:
    try:
        return read()
    except InvalidError as error:
        raise invalid_problem(error) from error
