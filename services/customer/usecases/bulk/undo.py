"""Undo a whole bulk job, from its last chunk to its first, each in one unit of work with the job's progress."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from chassis.clock import utcnow
from chassis.context import with_cause
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from chassis.jobs import Job, JobCancelled
from services.customer.store.bulk import add_left, change_bulk, find_bulk, last_chunk, lock_bulk
from services.customer.usecases.access import Access
from services.customer.usecases.bulk.states import UNDOING, UNDONE, access_of, cause_of, fail
from services.customer.usecases.giving_back import Done, bring_back, give_back

if TYPE_CHECKING:
    from chassis.service import Service


def bulk_undo_job(service: Service, job: Job) -> None:
    """Undo chunk after chunk; rules do not act on what is given back."""
    with service.db.read() as connection:
        run = find_bulk(connection, job.payload["bulk_id"])
    if run is None or run.state != UNDOING:
        return
    try:
        while _undo_chunk(service, job, run.id):
            pass
    except Problem as problem:
        if problem.status >= 500:
            raise
        with service.db.unit_of_work() as uow:
            fail(uow, run.id, problem.code, problem.params)


def _undo_chunk(service: Service, job: Job, id: str) -> bool:
    """Undo the next chunk; False when there is none, and then the job is undone."""
    with service.db.unit_of_work() as uow:
        run = lock_bulk(uow, id)
        if run is None or run.state != UNDOING:
            raise JobCancelled(job.id)
        found = last_chunk(uow.connection, id, job.progress.get("before"))
        if found is None:
            change_bulk(uow, id, state=UNDONE, finished_at=utcnow())
            return False
        number, written = found
        access = access_of(service, run)
        with with_cause(cause_of(run, access).because_of(rules=False)):
            done = _give_back(service, uow, access, run, written)
        add_left(uow, id, done.kept)
        change_bulk(uow, id, undo={"restored": run.undo["restored"] + done.restored,
                                   "kept": run.undo["kept"] + len(done.kept)})
        job.save(uow, before=number)
        return True


def _give_back(service: Service, uow: UnitOfWork, access: Access, run: Row[Any], written: list[list[Any]]) -> Done:
    done = Done()
    if run.action == "delete":
        access.need("create")
        bring_back(service, uow, access, written, done)
    else:
        give_back(service, uow, access, run.id, written, done)
    return done
