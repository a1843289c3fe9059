"""Change objects, and what their definitions must keep to. Definition and event commit together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chassis.criteria import CriteriaError, parse
from chassis.db import UnitOfWork
from chassis.http.etag import stale
from chassis.http.problem import FieldProblem, Problem, not_found
from chassis.jobs import enqueue
from services.customer.events import publish_object
from services.customer.model.calculated.rollups import criteria_fields
from services.customer.model.composition import problems_of_composition
from services.customer.model.faults import Fault, InvalidError, unknown_members
from services.customer.model.fields import BINNED, REMOVING, FieldDef
from services.customer.model.objects import DESCRIPTION, ObjectDef, describe
from services.customer.store import definitions
from services.customer.usecases.calculations.check import check_calculations
from services.customer.usecases.object_groups import check_group
from services.customer.usecases.refusals import invalid_problem

if TYPE_CHECKING:
    from chassis.service import Service

REBUILD_KEYS = "customer.match_keys"
SETTLE = "customer.schema"


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


def check_targets(service: Service, name: str, fields: tuple[FieldDef, ...]) -> None:
    """References must point at objects that exist."""
    if any(field.target not in (None, name) for field in fields):
        refuse(faults_of_targets(name, fields, "", service.parts["types"].renewed()))


def faults_of_targets(name: str, fields: tuple[FieldDef, ...], prefix: str, known: Collection[str]) -> list[Fault]:
    """References to no object; `prefix` is where a field stands, with `{}` for its place."""
    return [Fault(f"{prefix.format(place)}/options/object", "unknown_object")
            for place, field in enumerate(fields) if field.target not in (None, name, *known)]


def check_touched(service: Service, definition: ObjectDef) -> None:
    """What an object touches must be a moment of the object that the reference points at."""
    if definition.touches:
        refuse(faults_of_touches(definition, known_definitions(service)))


def faults_of_touches(definition: ObjectDef, known: Mapping[str, ObjectDef]) -> list[Fault]:
    """Touches of what is no moment there."""
    fields = {one.name: one for one in definition.fields}
    faults = []
    for place, touch in enumerate(definition.touches):
        target = fields[touch["reference"]].target
        there = fields if target == definition.name else known[str(target)].ready
        if touch["sets"] not in there or there[touch["sets"]].type != "datetime":
            faults.append(Fault(f"/touches/{place}/sets", "not_a_moment_there", {"field": touch["sets"][:100]}))
    return faults


def check_composition(service: Service, definition: ObjectDef) -> None:
    """No record is a line of its own kind, and what fills take from elsewhere must be there."""
    refuse(faults_of_composition(definition, known_definitions(service)))


def faults_of_composition(definition: ObjectDef, known: Mapping[str, ObjectDef]) -> list[Fault]:
    """What is wrong with conversions, lines, fills and the lock in view of the other objects."""
    faults = list(_criteria_faults(definition))
    if definition.line_of is not None or definition.fills:
        fields = {one.name: one for one in definition.fields}
        others = {name: one.ready for name, one in known.items()}
        faults += problems_of_composition(definition, fields, {**others, definition.name: fields})
    return faults


def _criteria_faults(definition: ObjectDef) -> Iterator[Fault]:
    """The conditions of conversions and of the lock must be ones that a record of the object can be judged by."""
    asked = [(f"/conversions/{place}/criteria", one.get("criteria") or {"all": []})
             for place, one in enumerate(definition.conversions)]
    if definition.lock is not None:
        asked.append(("/lock/criteria", definition.lock["criteria"]))
    for pointer, criteria in asked:
        try:
            parse(criteria, criteria_fields(definition))
        except CriteriaError as error:
            yield Fault(pointer + error.pointer, f"criteria.{error.code}", dict(error.params))


def known_definitions(service: Service) -> dict[str, ObjectDef]:
    """The objects that there are, by name."""
    return {name: one.definition for name, one in service.parts["types"].renewed().items()}


def refuse(faults: Iterable[Fault]) -> None:
    """Raise 422 when there are faults."""
    found = list(faults)
    if found:
        raise invalid_problem(InvalidError(found))


def name_taken(pointer: str = "") -> Problem:
    """The problem of a name that stands for something else already."""
    return Problem(409, "name_taken", errors=[FieldProblem(f"{pointer}/name", "name_taken")])


def _valid(read: Any) -> ObjectDef:
    try:
        return read()
    except InvalidError as error:
        raise invalid_problem(error) from error
