"""Undo a whole import: its new records go, its changed records get back what they had.

Chunks are undone from the last to the first, each in one unit of work with the job's progress, so an undoing that is
killed goes on where it was. What to give back stands in the history of each record. A record that somebody has changed
since is left alone, whole, and listed with the reason; what rules and this import itself did with it does not count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select

from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.context import with_cause
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from chassis.jobs import Job, JobCancelled, enqueue
from services.customer.model.mapping.targets import OWNER
from services.customer.model.sharing import WRITE
from services.customer.store.imports.runs import Written, add_kept, change_run, find_run, last_written, lock_run
from services.customer.store.record_type import Record, RecordType
from services.customer.store.tables import record_change
from services.customer.usecases.access import Access
from services.customer.usecases.delete_records import Removal, delete_records
from services.customer.usecases.edits import lock_records, try_edits
from services.customer.usecases.history import CREATED
from services.customer.usecases.imports.importer import cause_of, importer
from services.customer.usecases.imports.passes import fail
from services.customer.usecases.imports.plan import importing_access
from services.customer.usecases.imports.run import take_turn
from services.customer.usecases.imports.states import UNDOING, UNDONE, can_undo, own_run
from services.customer.usecases.tell_audit import tell_undo

if TYPE_CHECKING:
    from chassis.service import Service

UNDO = "customer.import.undo"
CHANGED, GONE, IN_USE, CLASH = "undo_changed", "undo_gone", "undo_in_use", "undo_clash"
_AUTOMATIC = ("rule", "process", "system")
_ASKED_AT_ONCE = 400


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
        done = _Done()
        for name in reversed(dict.fromkeys(one[-1] for one in written)):  # what points at records goes before them
            theirs = importing_access(service, access.principal, name) if name else access
            _undo(service, uow, theirs, run, [one for one in written if one[-1] == name], done)
        add_kept(uow, id, done.kept)
        change_run(uow, id, undo=_added(run.undo, done))
        job.save(uow, before=number)
        return True


@dataclass
class _Done:
    """What became of the records of a chunk."""

    deleted: int = 0
    restored: int = 0
    kept: list[tuple[Written, str]] = field(default_factory=list)


def _added(before: Mapping[str, int], done: _Done) -> dict[str, int]:
    found = {"deleted": done.deleted, "restored": done.restored, "kept": len(done.kept)}
    return {name: before.get(name, 0) + count for name, count in found.items()}


def _others(run: Row[Any]) -> list[str]:
    """The other objects that the sheet brings records of."""
    return sorted({name.partition(".")[0] for name in run.mapping.values() if "." in name})


def _undo(service: Service, uow: UnitOfWork, access: Access, run: Row[Any], written: Sequence[Written],
          done: _Done) -> None:
    ids = [record_id for _, record_id, *_ in written]
    standing, lines = lock_records(uow, access, ids, WRITE), _history(uow, ids)
    removals: list[Written] = []
    edits: list[tuple[Written, Record, Record]] = []
    for one in reversed(written):
        _, record_id, version, _ = one
        record, told = standing.get(record_id), [line for line in lines.get(record_id, ()) if line.version >= version]
        reason = _reason(access.record_type, run, record, told, version)
        if record is None or reason:
            done.kept.append((one, reason or GONE))
        elif told[0].action == CREATED:
            removals.append(one)
        else:
            edits.append((one, record, _as_before(access.record_type, told[0].changes)))
    _restore(service, uow, access, edits, done)
    _remove(service, uow, access, removals, done)


def _history(uow: UnitOfWork, ids: Sequence[str]) -> dict[str, list[Row[Any]]]:
    """Record → its history, oldest first."""
    found: dict[str, list[Row[Any]]] = {}
    table = record_change.c
    for start in range(0, len(ids), _ASKED_AT_ONCE):
        wanted = table.record_id.in_(ids[start:start + _ASKED_AT_ONCE])
        for line in uow.execute(select(record_change).where(wanted).order_by(table.record_id, table.version)):
            found.setdefault(line.record_id, []).append(line)
    return found


def _reason(record_type: RecordType, run: Row[Any], record: Record | None, told: Sequence[Row[Any]],
            version: int) -> str | None:
    """Why a record is left alone; `told` is its history from the import on."""
    if record is None:
        return GONE
    if not told or told[0].version != version:
        return CHANGED
    if any(line.origin["id"] != run.id and line.origin["kind"] not in _AUTOMATIC for line in told[1:]):
        return CHANGED
    if told[0].action == CREATED:
        return None
    given = _given(record_type, told[0].changes)
    return None if all(record[name] == after for name, (_, after) in given.items()) else CHANGED


def _as_before(record_type: RecordType, changes: Mapping[str, Sequence[Any]]) -> Record:
    return {name: before for name, (before, _) in _given(record_type, changes).items()}


def _given(record_type: RecordType, changes: Mapping[str, Sequence[Any]]) -> dict[str, Sequence[Any]]:
    """The changes of what people give; departments and calculated fields follow by themselves."""
    fields = record_type.fields
    return {name: pair for name, pair in changes.items()
            if name == OWNER or (name in fields and fields[name].row.given)}


def _restore(service: Service, uow: UnitOfWork, access: Access, edits: Sequence[tuple[Written, Record, Record]],
             done: _Done) -> None:
    results = try_edits(service, uow, access, [(record, values) for _, record, values in edits])
    for (one, _, _), result in zip(edits, results, strict=True):
        if result.problem is None:
            done.restored += 1
        else:
            done.kept.append((one, CLASH))


def _remove(service: Service, uow: UnitOfWork, access: Access, removals: Sequence[Written], done: _Done) -> None:
    if not removals:
        return
    going = [Removal(record_id) for _, record_id, *_ in removals]
    results = delete_records(service, uow, access.principal, access.record_type, going, for_good=True)
    for one, result in zip(removals, results, strict=True):
        if result.problem is None:
            done.deleted += 1
        else:
            done.kept.append((one, IN_USE if result.problem.code == "in_use" else GONE))
