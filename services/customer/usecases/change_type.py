"""Give a field another type while records are written: expand, copy, swap.

1. A new column commits beside the old one. From now on every write fills both (`store.converting`).
2. A job waits until every process has noticed, then fills the new column piece by piece; no lock lasts longer than one
   piece. It survives a crash and goes on behind the last piece.
3. The swap is one short transaction of definitions: the new column takes the name, the old one goes to the bin with
   its values, from where it can be put back in place for some days.

Until then it can be called off: the new column goes, the job finds that nobody wants it any more and ends.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from chassis.clock import from_wire, to_wire, utcnow
from chassis.db import UnitOfWork
from chassis.http.problem import Problem, not_found
from chassis.jobs import Job, enqueue
from services.customer.model.faults import BadValueError, InvalidError
from services.customer.model.fields import BINNED, CONVERTING, READY, REMOVING, FieldDef
from services.customer.model.objects import MAX_FIELDS, ObjectDef
from services.customer.model.type_change import Place, converter, retyped, with_default
from services.customer.store import definitions, schema
from services.customer.store.converting import Filler, shadows_of
from services.customer.store.tables import field_def
from services.customer.usecases.calculations.check import check_calculations
from services.customer.usecases.define_fields import field_of, free_column
from services.customer.usecases.define_objects import (
    REBUILD_KEYS,
    SETTLE,
    keep_object,
    locked_object,
    redescribed,
)
from services.customer.usecases.refusals import invalid_problem

if TYPE_CHECKING:
    from chassis.service import Service

CHANGE_TYPE = "customer.change_type"
NOTICED = timedelta(seconds=3)  # processes look once a second whether definitions have changed
_PIECE = 500


def place_of(service: Service) -> Place:
    """The words and the wall clock by which values are converted: the company's."""
    return Place(service.settings.default_locale, ZoneInfo(service.settings.default_timezone))


def planned_type(service: Service, current: ObjectDef, name: str, given: Mapping[str, Any]) -> FieldDef:
    """The field as it would be; raises 404, 409 and 422 when it cannot become that."""
    field = field_of(current, name)
    try:
        made = retyped(field, given)
    except InvalidError as error:
        raise invalid_problem(error) from error
    made = with_default(made, field, converter(field, made, place_of(service)))
    made = replace(made, column=free_column(current, name), state=CONVERTING)
    check_calculations(service, swapped(current, made))
    return made


def start_type_change(service: Service, uow: UnitOfWork, object_name: str, name: str,
                      given: Mapping[str, Any]) -> FieldDef:
    """Begin to give a field another type; the field stays as it is until the job has filled the new column."""
    current = locked_object(uow, object_name, None)
    made = planned_type(service, current, name, given)
    if len(current.fields) >= MAX_FIELDS:
        raise Problem(409, "too_many_fields", params={"max": MAX_FIELDS})
    schema.add_field(uow.connection, current, replace(made, unique=False, indexed=False))
    definitions.insert_fields(uow, object_name, [made])
    definitions.touch(uow)
    enqueue(uow, CHANGE_TYPE, {"object": object_name, "column": made.column, "asked_at": to_wire(utcnow())})
    uow.after_commit(service.parts["types"].expire)
    return made


def change_type_job(service: Service, job: Job) -> None:
    """Fill the new column, then swap."""
    _wait_until_noticed(from_wire(job.payload["asked_at"]))
    filler = _filler(service, job)
    if filler is None:
        return
    if "total" not in job.progress:
        with service.db.unit_of_work() as uow:
            job.save(uow, total=filler.count(uow.connection), seen=0, unfit=0, after=None)
    while not job.progress.get("filled"):
        with service.db.unit_of_work() as uow:
            if not _is_wanted(uow, job):
                return
            after, seen, unfit = filler.fill(uow, job.progress["after"], _PIECE)
            job.save(uow, after=after, filled=seen < _PIECE, seen=job.progress["seen"] + seen,
                     unfit=job.progress["unfit"] + len(unfit))
    with service.db.unit_of_work() as uow:
        _swap(service, uow, job)


def change_type_given_up(service: Service, uow: UnitOfWork, job: Job, error: str) -> None:
    """Take the new column away again; the field stays as it was."""
    current = locked_object(uow, job.payload["object"], None)
    made = _converting(current, job.payload["column"])
    if made is not None:
        _take_away(uow, current, made)


def cancel_type_change(service: Service, uow: UnitOfWork, object_name: str, name: str) -> None:
    """Call a running change off; the field stays as it was. Raises 404, and 409 when none is under way."""
    current = locked_object(uow, object_name, None)
    if name not in current.ready:
        raise not_found("field")
    made = next((one for one in current.fields if one.name == name and one.state == CONVERTING), None)
    if made is None:
        raise Problem(409, "no_type_change")
    _take_away(uow, current, made)
    uow.after_commit(service.parts["types"].expire)


def _take_away(uow: UnitOfWork, current: ObjectDef, made: FieldDef) -> None:
    definitions.update_field(uow, current.name, replace(made, state=REMOVING, unique=False, indexed=False))
    definitions.touch(uow)
    enqueue(uow, SETTLE, {"object": current.name})


def _is_wanted(uow: UnitOfWork, job: Job) -> bool:
    table = field_def.c
    asked = select(table.state).where(table.object == job.payload["object"], table.column == job.payload["column"])
    return uow.execute(asked).scalar() == CONVERTING


def swapped(current: ObjectDef, made: FieldDef, gone: str = BINNED) -> ObjectDef:
    """The object once the new field stands in the place of the old one; raises 409 when that cannot be."""
    old = current.ready[made.name]
    new = replace(made, state=READY, position=old.position)
    rest = tuple(replace(one, state=gone) if one is old else one for one in current.fields if one.column != made.column)
    try:
        return redescribed(replace(current, fields=(*rest, new)), current.description())
    except (InvalidError, BadValueError) as error:
        raise Problem(409, "field_in_use") from error


def _swap(service: Service, uow: UnitOfWork, job: Job) -> None:
    current = locked_object(uow, job.payload["object"], None)
    made = _converting(current, job.payload["column"])
    if made is None or made.name not in current.ready:
        return
    changed = swapped(current, made, BINNED if service.settings.bin_days else REMOVING)
    before = {one.column: one for one in current.fields}
    for field in changed.fields:
        if field != before[field.column]:
            definitions.update_field(uow, current.name, field)
    keep_object(service, uow, changed, reread=True)
    enqueue(uow, SETTLE, {"object": current.name})
    if any(made.name in rule["fields"] for rule in changed.duplicate_rules):
        enqueue(uow, REBUILD_KEYS, {"object": current.name})
    job.save(uow, swapped=True)


def _filler(service: Service, job: Job) -> Filler | None:
    record_type = service.parts["types"].renewed().get(job.payload["object"])
    if record_type is None:
        return None
    shadow = next((one for one in shadows_of(record_type.definition, place_of(service)).values()
                   if one.target.column == job.payload["column"]), None)
    return Filler(record_type.name, shadow) if shadow is not None else None


def _converting(definition: ObjectDef, column: str) -> FieldDef | None:
    return next((one for one in definition.fields if one.column == column and one.state == CONVERTING), None)


def _wait_until_noticed(asked_at: datetime) -> None:
    time.sleep(max(0.0, (asked_at + NOTICED - utcnow()).total_seconds()))
