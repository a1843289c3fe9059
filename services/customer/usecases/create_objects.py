"""Make objects: definitions, tables and events commit together.

Several that are made together may speak of each other. Every definition is checked in view of all of them; then tables
are made in the order of their references. A reference to a table that comes later, as in a circle, is a column that is
added once that table is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from chassis.db import UnitOfWork
from chassis.http.problem import FieldProblem, Problem
from services.customer.model.faults import Fault, InvalidError
from services.customer.model.fields import READY
from services.customer.model.names import RESERVED_OBJECTS, named
from services.customer.model.objects import ObjectDef, read_object
from services.customer.store import definitions, schema
from services.customer.usecases.calculations.check import check_new
from services.customer.usecases.currencies import in_base
from services.customer.usecases.define_objects import (
    announce,
    faults_of_composition,
    faults_of_targets,
    faults_of_touches,
    known_definitions,
    name_taken,
    refuse,
)
from services.customer.usecases.object_groups import faults_of_group
from services.customer.usecases.refusals import refusal

if TYPE_CHECKING:
    from chassis.service import Service

MAX_OBJECTS = 300
MAX_TOGETHER = 100
Definitions = Mapping[str, ObjectDef]


def create_object(service: Service, uow: UnitOfWork, given: Mapping[str, Any]) -> ObjectDef:
    """Make an object with its fields and its table."""
    return _create(service, uow, [given], "")[0]


def create_objects(service: Service, uow: UnitOfWork, given: Any) -> list[ObjectDef]:
    """Make several objects that may speak of each other: all of them, or none."""
    if not isinstance(given, list) or not 1 <= len(given) <= MAX_TOGETHER:
        raise refusal([Fault("/objects", "bad_list", {"max": MAX_TOGETHER})])
    wrong = [Fault(f"/objects/{place}", "not_an_object") for place, one in enumerate(given)
             if not isinstance(one, dict)]
    if wrong:
        raise refusal(wrong)
    return _create(service, uow, given, "/objects/{}")


def _create(service: Service, uow: UnitOfWork, given: Sequence[Mapping[str, Any]], prefix: str) -> list[ObjectDef]:
    before = known_definitions(service)
    made = _read(service, before, [_in_base(uow, one) for one in given], prefix)
    world = {**before, **{one.name: one for one in made}}
    refuse(fault.below(prefix.format(place)) for place, one in enumerate(made) for fault in _faults(uow, one, world))
    check_new(before, made, prefix + "/fields/{}")
    for place, one in enumerate(made):
        try:
            definitions.insert_object(uow, one)
        except IntegrityError as error:
            raise name_taken(prefix.format(place)) from error
    _make_tables(uow, before, made)
    for one in made:
        announce(service, uow, one)
    return made


def _in_base(uow: UnitOfWork, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The definition with the company's base currency for fields of money that name none."""
    fields = given.get("fields")
    return {**given, "fields": [in_base(uow, one) for one in fields]} if isinstance(fields, list) else given


def _read(service: Service, before: Definitions, given: Sequence[Mapping[str, Any]], prefix: str) -> list[ObjectDef]:
    """The objects as they are described, each under a name of its own."""
    made: dict[str, ObjectDef] = {}
    faults: list[Fault] = []
    for place, one in enumerate(given):
        pointer = prefix.format(place)
        try:
            read = read_object(named(one, {*before, *made}, RESERVED_OBJECTS))
        except InvalidError as error:
            faults += [fault.below(pointer) for fault in error.faults]
            continue
        if read.name in before or read.name in made:
            raise name_taken(pointer)
        if read.name in service.parts["types"].binned():
            raise Problem(409, "name_in_bin", errors=[FieldProblem(f"{pointer}/name", "name_in_bin")])
        made[read.name] = replace(read, state=READY, fields=tuple(replace(one, state=READY) for one in read.fields))
    refuse(faults)
    if len(before) + len(made) > MAX_OBJECTS:
        raise Problem(409, "too_many_objects", params={"max": MAX_OBJECTS})
    return list(made.values())


def _faults(uow: UnitOfWork, one: ObjectDef, world: Definitions) -> Iterator[Fault]:
    """What is wrong with an object in view of all others; the rest speaks of references, so these come first."""
    targets = faults_of_targets(one.name, one.fields, "/fields/{}", world)
    yield from targets or (*faults_of_touches(one, world), *faults_of_composition(one, world))
    yield from faults_of_group(uow, one.group)


def _make_tables(uow: UnitOfWork, before: Definitions, made: Sequence[ObjectDef]) -> None:
    there, late = set(before), []
    for one in _in_order(made, there):
        there.add(one.name)
        now = tuple(field for field in one.fields if field.target in (None, *there))
        late += [(one, field) for field in one.fields if field not in now]
        schema.create_table(uow.connection, replace(one, fields=now))
    for one, field in late:
        schema.add_field(uow.connection, one, field)


def _in_order(made: Sequence[ObjectDef], there: set[str]) -> Iterator[ObjectDef]:
    """The object with the fewest references to tables that are not there yet comes next."""
    waiting = list(made)
    while waiting:
        following = min(waiting, key=lambda one: len({field.target for field in one.fields} - {None, one.name, *there}))
        waiting.remove(following)
        yield following
