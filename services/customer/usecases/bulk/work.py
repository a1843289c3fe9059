"""The work of a bulk job, chunk after chunk in the order of ids.

A chunk's changes, history, events, refusals, counts and the progress of the job commit together, so a worker that is
killed leaves whole chunks and the next one goes on behind them: no record is touched twice. Who started the job is
looked up again for every chunk, with what his roles allow by then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam

from chassis.clock import utcnow
from chassis.context import with_cause
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from chassis.jobs import Job, JobCancelled
from services.customer.metrics import BULK_RECORDS
from services.customer.queries.list_records import scoped
from services.customer.queries.search import combined, read_criteria, search_criterion
from services.customer.store.bulk import add_chunk, add_refused, change_bulk, find_bulk, lock_bulk
from services.customer.usecases.access import Access
from services.customer.usecases.bulk import CHUNK
from services.customer.usecases.bulk.states import FINISHED, RUNNING, access_of, cause_of, fail
from services.customer.usecases.delete_records import Removal, delete_records
from services.customer.usecases.results import Result
from services.customer.usecases.tags.apply import apply_tags
from services.customer.usecases.update_records import Patch, update_records

if TYPE_CHECKING:
    from chassis.service import Service

NO_ID = "00000000-0000-0000-0000-000000000000"


def bulk_job(service: Service, job: Job) -> None:
    """Do it to every record that matches."""
    with service.db.read() as connection:
        run = find_bulk(connection, job.payload["bulk_id"])
    if run is None or run.state != RUNNING:
        return
    try:
        while _do_chunk(service, job, run.id):
            pass
    except Problem as problem:
        if problem.status >= 500:
            raise
        with service.db.unit_of_work() as uow:
            fail(uow, run.id, problem.code, problem.params)


def given_up(service: Service, uow: UnitOfWork, job: Job, error: str) -> None:
    """The job was tried several times without success."""
    fail(uow, job.payload["bulk_id"], "bulk_given_up")


def _do_chunk(service: Service, job: Job, id: str) -> bool:
    """Do the next chunk; False when there is none, and then the job is finished."""
    with service.db.unit_of_work() as uow:
        run = lock_bulk(uow, id)
        if run is None or run.state != RUNNING:
            raise JobCancelled(job.id)
        access = access_of(service, run)
        rows = _next(uow, access, run, job.progress.get("after", NO_ID))
        if not rows:
            change_bulk(uow, id, state=FINISHED, finished_at=utcnow())
            return False
        with with_cause(cause_of(run, access)):
            results = _carry_out(service, uow, access, run, [row.id for row in rows])
        _keep(uow, run, rows, results)
        job.save(uow, after=rows[-1].id)
        return True


def _next(uow: UnitOfWork, access: Access, run: Row[Any], after: str) -> Sequence[Row[Any]]:
    table = access.record_type.table.c
    criterion = combined(read_criteria(access, run.criteria, "/criteria"), search_criterion(access, run.q, "/q"))
    query = scoped(access, access.record_type.selection, criterion).with_only_columns(
        table.id, maintain_column_froms=True)
    query = query.where(table.id > bindparam("last"), table.id <= bindparam("until")).order_by(table.id).limit(CHUNK)
    return uow.execute(query, {"last": after, "until": run.until}).all()


def _carry_out(service: Service, uow: UnitOfWork, access: Access, run: Row[Any], ids: Sequence[str]) -> list[Result]:
    caller, record_type = access.principal, access.record_type
    if run.action == "update":
        return _together(uow, ids, lambda some: update_records(
            service, uow, caller, record_type, [Patch(id, run.values) for id in some]))
    if run.action == "tag":
        add, remove = (run.values.get(name) or () for name in ("add", "remove"))
        return _together(uow, ids, lambda some: apply_tags(service, uow, caller, record_type, some, add, remove))
    return _together(uow, ids, lambda some: delete_records(
        service, uow, caller, record_type, [Removal(id) for id in some]))


def _together(uow: UnitOfWork, ids: Sequence[str], do: Callable[[Sequence[str]], list[Result]]) -> list[Result]:
    """All at once; when something refuses them as a whole, one by one. 403 is no matter of a single record."""
    try:
        with uow.savepoint():
            return do(ids)
    except Problem as problem:
        if problem.status in (401, 403) or problem.status >= 500:
            raise
        if len(ids) == 1:
            return [Result.refused(problem)]
    half = len(ids) // 2
    return [*_together(uow, ids[:half], do), *_together(uow, ids[half:], do)]


def _keep(uow: UnitOfWork, run: Row[Any], rows: Sequence[Row[Any]], results: Sequence[Result]) -> None:
    written, refused, unchanged = [], [], 0
    for number, (row, result) in enumerate(zip(rows, results, strict=True), run.done + 1):
        if result.problem is not None:
            refused.append((number, row.id, _said(result.problem)))
        elif not result.changed:
            unchanged += 1
        else:
            gone = run.action == "delete"  # its removal is a version of its own
            written.append([number, row.id, result.unwrap()["version"] + gone])
    add_chunk(uow, run.id, run.done + len(rows), written)
    add_refused(uow, run.id, refused)
    found = {"changed": len(written), "unchanged": unchanged, "refused": len(refused)}
    counts = {name: run.counts[name] + count for name, count in found.items()}
    change_bulk(uow, run.id, done=run.done + len(rows), counts=counts, total=max(run.total, run.done + len(rows)))
    uow.after_commit(lambda: [BULK_RECORDS.labels(run.action, name).inc(count) for name, count in found.items()])


def _said(problem: Problem) -> dict[str, Any]:
    errors = [{"pointer": one.pointer, "code": one.code, "params": dict(one.params)} for one in problem.errors]
    return {"code": problem.code, "params": problem.params, "errors": errors}
