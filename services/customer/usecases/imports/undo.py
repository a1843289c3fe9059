"""Undo a whole import: its new records go, its changed records get back what they had.

Chunks are undone from the last to the first, each in one unit of work with the job's progress, so an undoing that is
killed goes on where it was. What is given back, and what is left alone, `usecases.giving_back` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.context import with_cause
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from chassis.jobs import Job, JobCancelled, enqueue
from services.customer.store.imports.runs import add_kept, change_run, find_run, last_written, lock_run
from services.customer.usecases.access import Access
from services.customer.usecases.giving_back import Done, give_back
from services.customer.usecases.imports.importer import cause_of, importer
from services.customer.usecases.imports.passes import fail
from services.customer.usecases.imports.plan import importing_access
from services.customer.usecases.imports.run import take_turn
from services.customer.usecases.imports.states import UNDOING, UNDONE, can_undo, own_run
from services.customer.usecases.tell_audit import tell_undo

if TYPE_CHECKING:
    from chassis.service import Service

UNDO = "customer.import.undo"


def start_undo(service: Service, uow: UnitOfWork, principal: Principal, id: str) -> None:
    """Begin to undo an own import; raises 404, 403 without the rights that this needs, 409 with nothing to undo."""
    run = own_run(uow, principal, id)
    if not can_undo(run):
        raise Problem(409, "import_not_undoable")
    access = importing_access(service, principal, run.object)
    for outcome, action in (("create", "delete"), ("update", "update")):
        if run.counts.get(outcome):
            access.need(action)
    for other in _others(run):
        importing_access(service, principal, other).need("delete")
    tell_undo(uow, principal, run)
    job_id = enqueue(uow, UNDO, {"import_id": id})
    change_run(uow, id, state=UNDOING, job_id=job_id, undo={"deleted": 0, "restored": 0, "kept": 0}, problem=None)


def undo_job(service: Service, job: Job) -> None:
    """Undo chunk after chunk."""
    with service.db.read() as connection:
        run = find_run(connection, job.payload["import_id"])
    if run is None or run.state != UNDOING:
        return
    try:
        access = importing_access(service, importer(service, run), run.object)
        with with_cause(cause_of(run).because_of(rules=False)):
            while _undo_chunk(service, job, access, run.id):
                pass
    except Problem as problem:
        if problem.status >= 500:
            raise
        with service.db.unit_of_work() as uow:
            fail(uow, run.id, problem.code, problem.params)


def _undo_chunk(service: Service, job: Job, access: Access, id: str) -> bool:
    """Undo the next chunk; False when there is none, and then the import is undone."""
    with service.db.unit_of_work() as uow:
        take_turn(uow, access.record_type.name)
        run = lock_run(uow, id)
        if run is None or run.state != UNDOING:
            raise JobCancelled(job.id)
        found = last_written(uow.connection, id, job.progress.get("before"))
        if found is None:
            change_run(uow, id, state=UNDONE, finished_at=utcnow())
            return False
        number, written = found
        done = Done()
        for name in reversed(dict.fromkeys(one[-1] for one in written)):  # what points at records goes before them
            theirs = importing_access(service, access.principal, name) if name else access
            give_back(service, uow, theirs, run.id, [one for one in written if one[-1] == name], done)
        add_kept(uow, id, done.kept)
        change_run(uow, id, undo=_added(run.undo, done))
        job.save(uow, before=number)
        return True


def _added(before: Mapping[str, int], done: Done) -> dict[str, int]:
    found = {"deleted": done.deleted, "restored": done.restored, "kept": len(done.kept)}
    return {name: before.get(name, 0) + count for name, count in found.items()}


def _others(run: Row[Any]) -> list[str]:
    """The other objects that the sheet brings records of."""
    return sorted({name.partition(".")[0] for name in run.mapping.values() if "." in name})
