"""The bin of objects: a deleted object can come back for some days, with its records, links, history and files.

A binned object exists for nobody: its page, its records and its API are gone at once, its table stands untouched, and
its name stays taken. Records of other objects that its values point at may be deleted all the same. What lies in the
bin long enough, or is purged by hand, is dropped by the job of `settle_schema`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from chassis.clock import to_wire
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from chassis.jobs import enqueue
from services.customer.events import publish_object
from services.customer.model.faults import Fault
from services.customer.model.fields import BINNED, READY, REMOVING
from services.customer.model.objects import ObjectDef
from services.customer.store import definitions
from services.customer.store.tables import object_def
from services.customer.usecases.calculations.check import check_removal
from services.customer.usecases.calculations.recalculate import ask_for_all
from services.customer.usecases.define_objects import SETTLE, locked_object
from services.customer.usecases.follow_owner import FOLLOW
from services.customer.usecases.refusals import refusal

if TYPE_CHECKING:
    from chassis.service import Service

MAX_TOGETHER = 100


def delete_object(service: Service, uow: UnitOfWork, name: str, version: int | None) -> None:
    """Move an object to the bin, unless others point at it or are calculated from it."""
    _bin(service, uow, [locked_object(uow, name, version)])


def delete_objects(service: Service, uow: UnitOfWork, names: Any) -> None:
    """Move several objects to the bin in one step: what they need of each other holds none of them."""
    if not isinstance(names, list) or not 1 <= len(names) <= MAX_TOGETHER or not all(
            isinstance(name, str) for name in names):
        raise refusal([Fault("/objects", "bad_list", {"max": MAX_TOGETHER})])
    _bin(service, uow, [locked_object(uow, name, None) for name in sorted(set(names))])


def _bin(service: Service, uow: UnitOfWork, going: Sequence[ObjectDef]) -> None:
    names = {one.name for one in going}
    if any(one.system for one in going):
        raise Problem(409, "system_object")
    users = [other.name for other in service.parts["types"].renewed().values()
             if other.name not in names and any(field.target in names for field in other.fields.values())]
    if users:
        raise Problem(409, "object_in_use", params={"objects": ", ".join(users)})
    check_removal(service, names)
    for one in going:
        gone = replace(one, version=one.version + 1, state=BINNED if service.settings.bin_days else REMOVING)
        definitions.update_object(uow, gone)
        publish_object(uow, gone, deleted=True)
        _notice(service, uow, one.name)


def binned_objects(service: Service) -> list[dict[str, Any]]:
    """What lies in the bin, the latest first."""
    days = timedelta(days=service.settings.bin_days)
    query = select(object_def).where(object_def.c.state == BINNED).order_by(
        object_def.c.updated_at.desc(), object_def.c.name)
    with service.db.read() as connection:
        rows = connection.execute(query).all()
    return [{"name": row.name, "label": row.body["label"], "icon": row.body["icon"],
             "deleted_at": to_wire(row.updated_at), "purged_at": to_wire(row.updated_at + days)} for row in rows]


def restore_object(service: Service, uow: UnitOfWork, name: str, *, needed: bool = False) -> ObjectDef:
    """Bring an object back with its records; what they point at must be there, or comes back too when `needed`.

    Raises 404 and 409.
    """
    binned = _binned(uow, name)
    known = set(service.parts["types"].renewed())
    backs = _with_needed(service, uow, binned, known) if needed else [binned]
    known |= {one.name for one in backs}
    missing = sorted({target for one in backs for target in _targets(one)} - known)
    if missing:
        raise Problem(409, "targets_missing", params={"objects": ", ".join(missing)})
    restored = [_restore(service, uow, one) for one in backs]
    return restored[0]


def _with_needed(service: Service, uow: UnitOfWork, first: ObjectDef, known: set[str]) -> list[ObjectDef]:
    """The object, and everything in the bin that it points at, however far."""
    backs, waiting = {first.name: first}, [first]
    while waiting:
        for target in sorted(_targets(waiting.pop()) - known - backs.keys()):
            if target in service.parts["types"].binned():
                backs[target] = _binned(uow, target)
                waiting.append(backs[target])
    return list(backs.values())


def _targets(definition: ObjectDef) -> set[str]:
    return {field.target for field in definition.ready.values() if field.target is not None}


def _restore(service: Service, uow: UnitOfWork, binned: ObjectDef) -> ObjectDef:
    back = replace(binned, version=binned.version + 1, state=READY)
    definitions.update_object(uow, back)
    publish_object(uow, back, reread=True)
    _notice(service, uow, back.name)
    _catch_up(service, uow, back)
    return back


def purge_object(service: Service, uow: UnitOfWork, name: str) -> None:
    """Let go of a binned object for good; raises 404."""
    definitions.update_object(uow, replace(_binned(uow, name), state=REMOVING))
    _notice(service, uow, name)


def _catch_up(service: Service, uow: UnitOfWork, back: ObjectDef) -> None:
    """What went on without the object: people changed departments, and what it is calculated from changed."""
    users = {user["id"]: user.get("department_id") for user in service.directory.snapshot().users.values()}
    enqueue(uow, FOLLOW, {"users": users, "objects": [back.name]})
    if any(field.is_calculated for field in back.ready.values()):
        ask_for_all(uow, back.name)


def _binned(uow: UnitOfWork, name: str) -> ObjectDef:
    found = definitions.read_locked(uow, name)
    if found is None or found.state != BINNED:
        raise Problem(404, "object_not_in_bin")
    return found


def _notice(service: Service, uow: UnitOfWork, name: str) -> None:
    enqueue(uow, SETTLE, {"object": name})
    uow.after_commit(service.parts["types"].expire)
