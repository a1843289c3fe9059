"""The states of a bulk job, and who may do what with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from chassis.auth.principal import Principal
from chassis.context import Cause, Origin, current_cause
from chassis.db import UnitOfWork
from chassis.http.problem import Problem, not_found
from chassis.ids import is_id
from services.customer.store.bulk import change_bulk, find_bulk, lock_bulk
from services.customer.usecases.access import Access
from services.customer.usecases.imports.importer import importer

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from chassis.service import Service

RUNNING, FINISHED, FAILED, CANCELLED = "running", "finished", "failed", "cancelled"
UNDOING, UNDONE = "undoing", "undone"
STATES = (RUNNING, FINISHED, FAILED, CANCELLED, UNDOING, UNDONE)
ENDED = (FINISHED, FAILED, CANCELLED)


def may_see(principal: Principal, run: Row[Any]) -> bool:
    """Own jobs, and all of them for who manages objects."""
    return run.caller == principal.key or principal.can("objects.manage")


def get_bulk(connection: Connection, principal: Principal, id: str) -> Row[Any]:
    """A job that the caller may see; raises 404."""
    run = find_bulk(connection, id) if is_id(id) else None
    if run is None or not may_see(principal, run):
        raise not_found("job")
    return run


def own_bulk(uow: UnitOfWork, principal: Principal, id: str) -> Row[Any]:
    """An own job, locked; raises 404, and 403 for another's."""
    run = lock_bulk(uow, id) if is_id(id) else None
    if run is None or not may_see(principal, run):
        raise not_found("job")
    if run.caller != principal.key:
        raise Problem(403, "bulk_not_yours")
    return run


def can_undo(run: Row[Any]) -> bool:
    """Whether a job has done something that can be given back."""
    return run.state in ENDED and run.undo is None and run.counts["changed"] > 0


def need_of(action: str) -> str:
    """The right that a job's action needs."""
    return "delete" if action == "delete" else "update"


def access_of(service: Service, run: Row[Any]) -> Access:
    """What the person who started the job may do now; raises 403 without the action, or when he is gone."""
    try:
        principal = importer(service, run)
    except Problem as problem:
        raise Problem(403, "bulk_person_gone") from problem
    access = Access(principal, service.parts["types"].get(run.object))
    access.need(need_of(run.action))
    return access


def cause_of(run: Row[Any], access: Access) -> Cause:
    """The cause of every change: the person, and one id for all of them, so that nobody is told a thousand times."""
    person = Origin("person", access.principal.user_id, access.principal.name)
    return Cause(request_id=current_cause().request_id, origin=person, bulk_id=run.id)


def fail(uow: UnitOfWork, id: str, code: str, params: Mapping[str, Any] | None = None) -> None:
    """End a job that is under way as failed; an undoing leaves what it has not come to."""
    run = lock_bulk(uow, id)
    if run is not None and run.state in (RUNNING, UNDOING):
        change_bulk(uow, id, state=FAILED, problem={"code": code, "params": dict(params or {})})
