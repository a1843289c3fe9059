"""The import: rows become records through the same use cases as every other write.

One unit of work takes one chunk: records, timeline, match keys and events, wrong rows, counts and the job's progress
commit together. So a worker that dies leaves whole chunks behind, and the next one goes on after the last of them.
Imports into one object take turns by chunk, so that two of them never create the same record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing, nullcontext
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, text

from chassis.clock import to_wire, utcnow
from chassis.context import with_cause
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from chassis.jobs import Job, JobCancelled
from services.customer.events import IMPORT_FINISHED
from services.customer.model.mapping.rules import CREATE, SKIP, UPDATE
from services.customer.store.imports.runs import (
    Written,
    add_errors,
    add_written,
    change_run,
    forget_errors,
    lock_run,
)
from services.customer.store.imports.staging import Staging
from services.customer.store.match_keys import holders
from services.customer.usecases.create_records import create_records
from services.customer.usecases.imports.doubles import FAILED, Judge, Keys, Verdict, final_keys, keys_of
from services.customer.usecases.imports.importer import cause_of
from services.customer.usecases.imports.metrics import IMPORT_ROWS, IMPORTS_ENDED
from services.customer.usecases.imports.passes import (
    Rows,
    ahead,
    chunks,
    one_by_one,
    record_chunk,
    run_pass,
    wrong_rows,
)
from services.customer.usecases.imports.plan import Plan
from services.customer.usecases.imports.rows import ReadRow, RowReader
from services.customer.usecases.imports.states import FINISHED, IMPORTING
from services.customer.usecases.results import Result
from services.customer.usecases.update_records import Patch, update_records

if TYPE_CHECKING:
    from chassis.service import Service

_TURN = text("SELECT pg_advisory_xact_lock(730155204, hashtext(:object))")


def import_job(service: Service, job: Job) -> None:
    """Bring every row of the sheet in."""
    run_pass(service, job, IMPORTING, lambda plan, staging: _import(service, job, plan, staging))


def _import(service: Service, job: Job, plan: Plan, staging: Staging) -> None:
    reader = RowReader(service, plan)

    def read(rows: Rows) -> list[tuple[ReadRow, Keys]]:
        with service.db.read() as connection:
            found = reader.read(connection, rows)
        return list(zip(found, keys_of(plan.record_type.definition, found, plan.run), strict=True))

    in_turn = one_by_one if reader.looks_back else ahead
    with with_cause(cause_of(plan.run)), closing(in_turn(chunks(job, plan, staging), read)) as found:
        for rows, read_rows in found:
            with service.db.unit_of_work() as uow:
                _take_chunk(service, uow, job, plan, reader, rows, read_rows)
        with service.db.unit_of_work() as uow:
            _finish(uow, plan)


def _take_chunk(service: Service, uow: UnitOfWork, job: Job, plan: Plan, reader: RowReader, rows: Rows,
                read: Sequence[tuple[ReadRow, Keys]]) -> None:
    take_turn(uow, plan.record_type.name)
    run = lock_run(uow, plan.run.id)
    if run is None or run.state != IMPORTING:
        raise JobCancelled(job.id)
    if "after" not in job.progress:
        forget_errors(uow, run.id)
    verdicts = _judge(uow, plan, reader, read)
    written = _write(service, uow, plan, reader, verdicts)
    add_written(uow, run.id, rows[-1][0], written)
    add_errors(uow, run.id, wrong_rows(verdicts))
    record_chunk(uow, job, run, rows, verdicts)
    uow.after_commit(lambda: _count(plan, verdicts))


def take_turn(uow: UnitOfWork, object_name: str) -> None:
    """Wait until no other import into the object is at work; SQLite has one writer anyhow."""
    if not uow.database.is_sqlite:
        uow.execute(_TURN, {"object": object_name})


def _judge(uow: UnitOfWork, plan: Plan, reader: RowReader, read: Sequence[tuple[ReadRow, Keys]]) -> list[Verdict]:
    held = holders(uow.connection, plan.record_type.definition, [keys for _, keys in read])
    judge = Judge(plan.run.duplicates, held, set(), reader.complain_of_lacks)
    return [judge.judge(row, keys) for row, keys in read]


def _write(service: Service, uow: UnitOfWork, plan: Plan, reader: RowReader,
           verdicts: Sequence[Verdict]) -> list[Written]:
    """Write what the verdicts say; returns what was done to which records."""
    written: list[Written] = []
    new = [verdict for verdict in verdicts if verdict.action == CREATE]
    old = [verdict for verdict in verdicts if verdict.action == UPDATE and verdict.into is None]
    if new:
        values = [verdict.values for verdict in new]
        keys = final_keys(plan.record_type.definition, plan.run, new)
        results = _guarded(uow, len(new), lambda: create_records(
            service, uow, plan.principal, plan.record_type, values, action="import", canonical=True, keys=keys,
            by_layout=False))
        written += _settle(reader, new, results)
    if old:
        patches = [Patch(verdict.record_id or "", verdict.values) for verdict in old]
        results = _guarded(uow, len(old), lambda: update_records(
            service, uow, plan.principal, plan.record_type, patches, by_layout=False))
        written += _settle(reader, old, results)
    for verdict in verdicts:
        if verdict.into is not None and verdict.into.action == FAILED:
            verdict.refuse(verdict.into.row.errors)
    return written


def _guarded(uow: UnitOfWork, count: int, write: Any) -> list[Result]:
    """A single row breaks its unit of work when a constraint breaks; here it only loses itself."""
    try:
        with uow.connection.begin_nested() if count == 1 else nullcontext():
            return write()
    except Problem as problem:
        if count > 1 or problem.status == 403:
            raise
        return [Result.refused(problem)]


def _settle(reader: RowReader, verdicts: Sequence[Verdict], results: Sequence[Result]) -> list[Written]:
    written: list[Written] = []
    for verdict, result in zip(verdicts, results, strict=True):
        if result.problem is not None:
            verdict.refuse(_errors(reader, result.problem))
        elif result.changed and result.record is not None:
            written.append((verdict.row.number, result.record["id"], result.record["version"]))
    return written


def _errors(reader: RowReader, problem: Problem) -> list[dict[str, Any]]:
    if problem.errors:
        return [reader.error(one.pointer.split("/")[1] if "/" in one.pointer else None, one.code, one.params)
                for one in problem.errors]
    code = "double_not_yours" if problem.status == 404 else problem.code
    return [reader.error(None, code, problem.params)]


def _finish(uow: UnitOfWork, plan: Plan) -> None:
    run = lock_run(uow, plan.run.id)
    if run is None or run.state != IMPORTING:
        return
    now = utcnow()
    change_run(uow, run.id, state=FINISHED, finished_at=now)
    uow.publish(IMPORT_FINISHED, run.object, _finished(run, to_wire(now)))
    uow.after_commit(lambda: IMPORTS_ENDED.labels(run.object, FINISHED).inc())


def _finished(run: Row[Any], at: str) -> dict[str, Any]:
    counts = run.counts
    return {"import_id": run.id, "object": run.object, "created": counts.get(CREATE, 0),
            "updated": counts.get(UPDATE, 0), "skipped": counts.get(SKIP, 0), "failed": counts.get(FAILED, 0),
            "started_by": run.started_by, "finished_at": at}


def _count(plan: Plan, verdicts: Sequence[Verdict]) -> None:
    for outcome, count in Counter(verdict.action for verdict in verdicts).items():
        IMPORT_ROWS.labels(plan.record_type.name, outcome).inc(count)
