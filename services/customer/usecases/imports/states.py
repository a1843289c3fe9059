"""The states of an import, and which verbs they allow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from chassis.auth.principal import Principal
from chassis.db import UnitOfWork
from chassis.http.problem import Problem, not_found
from chassis.ids import is_id
from services.customer.model.mapping.rules import CREATE, UPDATE
from services.customer.store.imports.runs import lock_run
from services.customer.usecases.access import Access

if TYPE_CHECKING:
    from chassis.service import Service

UPLOADED, CHECKING, CHECKED = "uploaded", "checking", "checked"
IMPORTING, FINISHED, FAILED, CANCELLED = "importing", "finished", "failed", "cancelled"
UNDOING, UNDONE = "undoing", "undone"
STATES = (UPLOADED, CHECKING, CHECKED, IMPORTING, FINISHED, FAILED, CANCELLED, UNDOING, UNDONE)
READY = (UPLOADED, CHECKED)
RUNNING = (CHECKING, IMPORTING, UNDOING)
ENDED = (FINISHED, FAILED, CANCELLED)


def may_see(principal: Principal, run: Row[Any]) -> bool:
    """Own imports, and all of them for who manages objects."""
    return run.caller == principal.key or principal.can("objects.manage")


def reads_rows(service: Service, principal: Principal, run: Row[Any]) -> bool:
    """Whether the caller may read what stands in the sheet: it is his, or nothing of its object is hidden from him."""
    record_type = service.parts["types"].find(run.object)
    return run.caller == principal.key or (record_type is not None and Access(principal, record_type).is_unlimited)


def can_undo(run: Row[Any]) -> bool:
    """Whether an import has written something and still knows what."""
    written = sum(run.counts.get(outcome, 0) for outcome in (CREATE, UPDATE))
    return run.state in ENDED and run.undo is not None and not run.files_removed and written > 0


def own_run(uow: UnitOfWork, principal: Principal, id: str) -> Row[Any]:
    """An import that the caller started, locked; raises 404 when he may not see it, 403 when it is another's."""
    run = seen_run(uow, principal, id)
    if run.caller != principal.key:
        raise Problem(403, "import_not_yours")
    return run


def seen_run(uow: UnitOfWork, principal: Principal, id: str) -> Row[Any]:
    """An import that the caller may see, locked; raises 404."""
    run = lock_run(uow, id) if is_id(id) else None
    if run is None or not may_see(principal, run):
        raise not_found("import")
    return run


def need_state(run: Row[Any], *allowed: str) -> None:
    """Raise 409 unless the import is in one of the states."""
    if run.state not in allowed:
        raise Problem(409, "import_state", params={"state": run.state})
