"""The import: rows become records through the same use cases as every other write.

A row that brings records of several objects is written whole or not at all: when one of its parts is refused, the chunk
is taken back to a savepoint and written again without that row.

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

from chassis.ahead import ReadingAhead
from chassis.clock import to_wire, utcnow
from chassis.context import with_cause
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from chassis.jobs import Job, JobCancelled
from services.customer.events import IMPORT_FINISHED
from services.customer.model.mapping.rules import CREATE, SKIP, UPDATE, UPDATING
from services.customer.store.imports.runs import (
    Written,
    add_errors,
    add_written,
    change_run,
    forget_errors,
    lock_run,
)
from services.customer.store.imports.staging import Staging
from services.customer.usecases.create_records import create_records
from services.customer.usecases.duplicates.scan import scan_soon
from services.customer.usecases.imports.ahead import Chunk, JudgingAhead, Read, judge
from services.customer.usecases.imports.doubles import FAILED, Verdict, final_keys
from services.customer.usecases.imports.importer import cause_of
from services.customer.usecases.imports.metrics import IMPORT_ROWS, IMPORTS_ENDED
from services.customer.usecases.imports.passes import (
    Rows,
    chunks,
    record_chunk,
    run_pass,
    wrong_rows,
)
from services.customer.usecases.imports.pieces import Piece, judge_pieces, write_pieces
from services.customer.usecases.imports.plan import Part, Plan
from services.customer.usecases.imports.pools import into_pool
from services.customer.usecases.imports.rows import PartReader, SheetReader
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
    reader = SheetReader(service, plan)
    ahead = JudgingAhead(service, plan, reader)
    with with_cause(cause_of(plan.run)), closing(ReadingAhead(chunks(job, plan, staging), ahead.read)) as found:
        for rows, chunk in found:
            with service.db.unit_of_work() as uow:
                if not reader.looks_back:
                    _go_on(uow, plan, found)
                _take_chunk(service, uow, job, plan, reader, ahead, rows, chunk)
        with service.db.unit_of_work() as uow:
            _finish(uow, plan)


def _go_on(uow: UnitOfWork, plan: Plan, reading: ReadingAhead[Any, Any]) -> None:
    """Read the next chunk when new records are on their way into the database; changed ones keep it busy all along."""
    if plan.run.duplicates in UPDATING:
        reading.go_on()
    else:
        uow.meanwhile(reading.go_on)


def _take_chunk(service: Service, uow: UnitOfWork, job: Job, plan: Plan, reader: SheetReader, ahead: JudgingAhead,
                rows: Rows, chunk: Chunk) -> None:
    take_turn(uow, plan.record_type.name)
    run = lock_run(uow, plan.run.id)
    if run is None or run.state != IMPORTING:
        raise JobCancelled(job.id)
    if "after" not in job.progress:
        forget_errors(uow, run.id)
    bring_in = _bring_in_related if plan.related else _bring_in
    verdicts, written = bring_in(service, uow, plan, reader, ahead, chunk)
    add_written(uow, run.id, rows[-1][0], written)
    add_errors(uow, run.id, wrong_rows(verdicts))
    record_chunk(uow, job, run, rows, verdicts)
    uow.after_commit(lambda: _count(plan, verdicts))


def take_turn(uow: UnitOfWork, object_name: str) -> None:
    """Wait until no other import into the object is at work; SQLite has one writer anyhow."""
    if not uow.database.is_sqlite:
        uow.execute(_TURN, {"object": object_name})


class _PartRefused(Exception):
    """A part of a row could not be written."""


def _bring_in(service: Service, uow: UnitOfWork, plan: Plan, reader: SheetReader, ahead: JudgingAhead,
              chunk: Chunk) -> tuple[list[Verdict], list[Written]]:
    """Judge rows and write what the verdicts say; returns the verdicts and what was done to which records."""
    verdicts = ahead.verdicts(uow, chunk) or judge(uow.connection, plan, reader.main, chunk.read)
    ahead.expect(verdicts)
    written = _write(service, uow, plan, reader.main, verdicts)
    ahead.written(verdicts)
    return verdicts, written


def _bring_in_related(service: Service, uow: UnitOfWork, plan: Plan, reader: SheetReader, _: JudgingAhead,
                      chunk: Chunk) -> tuple[list[Verdict], list[Written]]:
    """The same for rows that bring records of other objects."""
    while True:  # each time with fewer rows
        verdicts = _judge_whole(uow, plan, reader, chunk.read)
        try:
            with uow.savepoint():
                written = _write(service, uow, plan, reader.main, verdicts)
                return verdicts, written + _write_related(service, uow, plan, reader, verdicts)
        except _PartRefused:
            continue


def _judge_whole(uow: UnitOfWork, plan: Plan, reader: SheetReader, read: Read) -> list[Verdict]:
    while True:
        verdicts = judge(uow.connection, plan, reader.main, read)
        refused = sum(verdict.action == FAILED for verdict in verdicts)
        judge_pieces(uow.connection, plan, reader, verdicts)
        if refused == sum(verdict.action == FAILED for verdict in verdicts):
            return verdicts


def _write(service: Service, uow: UnitOfWork, plan: Plan, reader: PartReader,
           verdicts: Sequence[Verdict]) -> list[Written]:
    """Write the records of the imported object."""
    written: list[Written] = []
    new = [verdict for verdict in verdicts if verdict.action == CREATE]
    old = [verdict for verdict in verdicts if verdict.action == UPDATE and verdict.into is None]
    if new:
        values = into_pool(plan, [verdict.values for verdict in new])
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
        builds_on = verdict.action == UPDATE or verdict.pieces
        if builds_on and verdict.into is not None and verdict.into.action == FAILED:
            verdict.refuse(verdict.into.row.errors)
    return written


def _write_related(service: Service, uow: UnitOfWork, plan: Plan, reader: SheetReader,
                   verdicts: Sequence[Verdict]) -> list[Written]:
    written: list[Written] = []
    refused = False

    def settle(part: Part, pieces: Sequence[Piece], results: Sequence[Result]) -> None:
        nonlocal refused
        for piece, result in zip(pieces, results, strict=True):
            if result.problem is not None:
                piece.refuse(_errors(reader.of[part.name], result.problem))
                refused = True
            elif result.changed and result.record is not None:
                record = result.record
                written.append((piece.row.row.number, record["id"], record["version"], part.name))

    write_pieces(service, uow, plan, verdicts, settle)
    if refused:
        raise _PartRefused
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


def _settle(reader: PartReader, verdicts: Sequence[Verdict], results: Sequence[Result]) -> list[Written]:
    written: list[Written] = []
    for verdict, result in zip(verdicts, results, strict=True):
        if result.problem is not None:
            verdict.refuse(_errors(reader, result.problem))
        elif result.changed and result.record is not None:
            verdict.record_id = result.record["id"]
            written.append((verdict.row.number, result.record["id"], result.record["version"], ""))
    return written


def _errors(reader: PartReader, problem: Problem) -> list[dict[str, Any]]:
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
    if run.look_alike and (run.counts.get(CREATE) or run.counts.get(UPDATE)):
        scan_soon(uow, run.object)
    uow.publish(IMPORT_FINISHED, run.object, _finished(run, to_wire(now)))
    uow.after_commit(lambda: IMPORTS_ENDED.labels(run.object, FINISHED).inc())


def _finished(run: Row[Any], at: str) -> dict[str, Any]:
    counts = run.counts
    return {"import_id": run.id, "object": run.object, "created": counts.get(CREATE, 0),
            "updated": counts.get(UPDATE, 0), "skipped": counts.get(SKIP, 0), "failed": counts.get(FAILED, 0),
            "started_by": run.started_by, "finished_at": at}


def _count(plan: Plan, verdicts: Sequence[Verdict]) -> None:
    for outcome, count in Counter(verdict.outcome for verdict in verdicts).items():
        IMPORT_ROWS.labels(plan.record_type.name, outcome).inc(count)
