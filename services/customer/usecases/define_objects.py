"""Make and change objects. Definition, table and event commit together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from chassis.criteria import CriteriaError, parse
from chassis.db import UnitOfWork
from chassis.http.etag import stale
from chassis.http.problem import FieldProblem, Problem, not_found
from chassis.jobs import enqueue
from services.customer.events import publish_object
from services.customer.model.calculated.plan import criteria_fields
from services.customer.model.composition import problems_of_composition
from services.customer.model.faults import Fault, InvalidError, unknown_members
from services.customer.model.fields import BINNED, READY, REMOVING, FieldDef
from services.customer.model.names import RESERVED_OBJECTS, named
from services.customer.model.objects import DESCRIPTION, ObjectDef, describe, read_object
from services.customer.store import definitions, schema
from services.customer.usecases.calculations.check import check_calculations
from services.customer.usecases.object_groups import check_group
from services.customer.usecases.refusals import invalid_problem

if TYPE_CHECKING:
    from chassis.service import Service

MAX_OBJECTS = 300
REBUILD_KEYS = "customer.match_keys"


def create_object(service: Service, uow: UnitOfWork, given: Mapping[str, Any]) -> ObjectDef:
    """Make an object with its fields and its table."""
    known = service.parts["types"].renewed()
    given = named(given, known, RESERVED_OBJECTS)
    definition = _valid(lambda: read_object(given))
    check_targets(service, definition.name, definition.fields, "/fields/{}")
    check_touched(service, definition)
    check_group(uow, definition.group)
    if definition.name in known:
        raise name_taken()
    if definition.name in service.parts["types"].binned():
        raise Problem(409, "name_in_bin", errors=[FieldProblem("/name", "name_in_bin")])
    if len(known) >= MAX_OBJECTS:
        raise Problem(409, "too_many_objects", params={"max": MAX_OBJECTS})
    ready = replace(definition, state=READY, fields=tuple(replace(one, state=READY) for one in definition.fields))
    check_calculations(service, ready, "/fields/{}")
    try:
        definitions.insert_object(uow, ready)
    except IntegrityError as error:
        raise name_taken() from error
    schema.create_table(uow.connection, ready)
    announce(service, uow, ready)
    return ready


def change_object(service: Service, uow: UnitOfWork, name: str, given: Mapping[str, Any],
                  version: int | None) -> ObjectDef:
    """Change how an object is shown, what makes duplicates, what it turns into."""
    current = locked_object(uow, name, version)
    faults = unknown_members(given, DESCRIPTION)
    if faults:
        raise invalid_problem(InvalidError(faults))
    described = {**current.description(), **given}
    changed = _valid(lambda: redescribed(current, described))
    if changed == current:
        return current
    check_touched(service, changed)
    if changed.group != current.group:
        check_group(uow, changed.group)
    check_composition(service, changed)
    keep_object(service, uow, changed)
    if changed.duplicate_rules != current.duplicate_rules:
        enqueue(uow, REBUILD_KEYS, {"object": name})
    return replace(changed, version=changed.version + 1)


def locked_object(uow: UnitOfWork, name: str, version: int | None) -> ObjectDef:
    """The definition, locked; raises 404, or 412 when the caller has seen another version."""
    current = definitions.read_locked(uow, name)
    if current is None or current.state in (BINNED, REMOVING):
        raise not_found("object")
    if version is not None and version != current.version:
        raise stale(current.version)
    return current


def redescribed(current: ObjectDef, described: Mapping[str, Any]) -> ObjectDef:
    """The object with another description; only its ready fields may be spoken of."""
    changed = describe(current.name, described, current.ready.values(), current.system)
    return replace(changed, fields=current.fields, version=current.version, state=current.state)


def keep_object(service: Service, uow: UnitOfWork, definition: ObjectDef, *, reread: bool = False) -> None:
    """Keep a changed definition under its next version and tell everybody."""
    check_calculations(service, definition)
    newer = replace(definition, version=definition.version + 1)
    definitions.update_object(uow, newer)
    announce(service, uow, newer, reread=reread)


def announce(service: Service, uow: UnitOfWork, definition: ObjectDef, *, reread: bool = False) -> None:
    """Publish a definition and let this process look for it at once."""
    publish_object(uow, definition, reread=reread)
    uow.after_commit(service.parts["types"].expire)


def check_targets(service: Service, name: str, fields: tuple[FieldDef, ...], prefix: str = "") -> None:
    """References must point at objects that exist; `prefix` is where a field stands, with `{}` for its place."""
    if all(field.target in (None, name) for field in fields):
        return
    known = service.parts["types"].renewed()
    faults = [Fault(f"{prefix.format(place)}/options/object", "unknown_object")
              for place, field in enumerate(fields) if field.target not in (None, name, *known)]
    if faults:
        raise invalid_problem(InvalidError(faults))


def check_touched(service: Service, definition: ObjectDef) -> None:
    """What an object touches must be a moment of the object that the reference points at."""
    if not definition.touches:
        return
    known = service.parts["types"].renewed()
    fields = {one.name: one for one in definition.fields}
    faults = []
    for place, touch in enumerate(definition.touches):
        target = fields[touch["reference"]].target
        there = fields if target == definition.name else known[target].fields
        if touch["sets"] not in there or there[touch["sets"]].type != "datetime":
            faults.append(Fault(f"/touches/{place}/sets", "not_a_moment_there", {"field": touch["sets"][:100]}))
    if faults:
        raise invalid_problem(InvalidError(faults))


def check_composition(service: Service, definition: ObjectDef) -> None:
    """No record is a line of its own kind, and what fills take from elsewhere must be there."""
    _check_criteria(definition)
    if definition.line_of is None and not definition.fills:
        return
    known = {name: one.fields for name, one in service.parts["types"].renewed().items()}
    fields = {one.name: one for one in definition.fields}
    faults = list(problems_of_composition(definition, fields, {**known, definition.name: fields}))
    if faults:
        raise invalid_problem(InvalidError(faults))


def _check_criteria(definition: ObjectDef) -> None:
    """The conditions of conversions must be ones that a record of the object can be judged by."""
    faults = []
    for place, one in enumerate(definition.conversions):
        try:
            parse(one.get("criteria") or {"all": []}, criteria_fields(definition))
        except CriteriaError as error:
            pointer = f"/conversions/{place}/criteria{error.pointer}"
            faults.append(Fault(pointer, f"criteria.{error.code}", dict(error.params)))
    if faults:
        raise invalid_problem(InvalidError(faults))


def name_taken() -> Problem:
    """The problem of a name that stands for something else already."""
    return Problem(409, "name_taken", errors=[FieldProblem("/name", "name_taken")])


def _valid(read: Any) -> ObjectDef:
    try:
        return read()
    except InvalidError as error:
        raise invalid_problem(error) from error
