"""The states of an import, and which verbs they allow."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from chassis.auth.principal import Principal
from chassis.db import UnitOfWork
from chassis.http.problem import Problem, not_found
from chassis.ids import is_id
from services.customer.store.imports.runs import lock_run

UPLOADED, CHECKING, CHECKED = "uploaded", "checking", "checked"
IMPORTING, FINISHED, FAILED, CANCELLED = "importing", "finished", "failed", "cancelled"
STATES = (UPLOADED, CHECKING, CHECKED, IMPORTING, FINISHED, FAILED, CANCELLED)
READY = (UPLOADED, CHECKED)
RUNNING = (CHECKING, IMPORTING)


def may_see(principal: Principal, run: Row[Any]) -> bool:
    """Own imports, and all of them for who manages objects."""
    return run.caller == principal.key or principal.can("objects.manage")


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
