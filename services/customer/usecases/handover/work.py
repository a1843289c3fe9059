"""The work of a hand-over and of its undoing, chunk after chunk.

Steps of the plan come one after another, records in the order of their ids; several receivers take turns. A chunk's
changes, counts and the progress of the job commit together, so after a kill the next worker goes on behind the last
chunk and nobody gets a record twice. Messages that rules cause carry the hand-over's id as their operation, so each
receiver hears of them in one digest; `telling` adds one message about what he has taken over. Tasks come afterwards
(`tasks`), and in undoing as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select

from chassis.auth.principal import Principal
from chassis.context import Cause, Origin, current_cause, with_cause
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from chassis.jobs import Job, JobCancelled
from services.customer.model.names import POOL
from services.customer.store.handovers import (
    change_handover,
    find_handover,
    finished,
    handover_chunk,
    handover_kept,
    last_chunk,
    lock_handover,
)
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.edits import calculate, make_edit, write
from services.customer.usecases.giving_back import Done, give_back
from services.customer.usecases.handover.start import FAILED, FINISHED, RUNNING, UNDOING, UNDONE, owned
from services.customer.usecases.handover.tasks import give_tasks_back, move_tasks
from services.customer.usecases.handover.telling import tell_receivers
from services.customer.usecases.imports.importer import importer
from services.customer.usecases.lines.follow import follow_owners
from services.customer.usecases.merging.references import in_full
from services.customer.usecases.results import Result

if TYPE_CHECKING:
    from chassis.service import Service

_CHUNK = 200


def handover_job(service: Service, job: Job) -> None:
    """Hand everything over that the plan names."""
    _guarded(service, job, RUNNING, _hand_over)


def undo_job(service: Service, job: Job) -> None:
    """Give everything back that nobody has changed since."""
    _guarded(service, job, UNDOING, _undo)


def handover_given_up(service: Service, uow: UnitOfWork, job: Job, error: str) -> None:
    """The job was tried several times without success."""
    finished(uow, job.payload["handover_id"], FAILED, problem={"code": "bulk_given_up", "params": {}})


def _guarded(service: Service, job: Job, state: str, work: Any) -> None:
    with service.db.read() as connection:
        run = find_handover(connection, job.payload["handover_id"])
    if run is None or run.state != state:
        return
    try:
        principal = in_full(importer(service, run))
        with with_cause(Cause(current_cause().request_id, origin=Origin("person", principal.user_id, principal.name),
                              bulk_id=run.id, rules=state == RUNNING)):
            work(service, job, run, principal)
    except Problem as problem:
        if problem.status >= 500:
            raise
        with service.db.unit_of_work() as uow:
            finished(uow, run.id, FAILED, problem={"code": problem.code, "params": problem.params})


def _hand_over(service: Service, job: Job, run: Row[Any], principal: Principal) -> None:
    for place, step in enumerate(run.plan):
        record_type = service.parts["types"].renewed().get(step["object"])
        while record_type is not None and job.progress.get("step", 0) == place:
            _chunk(service, job, run.id, principal, record_type, step, place)
        if record_type is None and job.progress.get("step", 0) == place:
            with service.db.unit_of_work() as uow:
                job.save(uow, step=place + 1, after=None)
    move_tasks(service, job, run)
    tell_receivers(service, job, run)
    with service.db.unit_of_work() as uow:
        finished(uow, run.id, FINISHED)


def _chunk(service: Service, job: Job, id: str, principal: Principal, record_type: RecordType, step: Record,
           place: int) -> None:
    with service.db.unit_of_work() as uow:
        run = lock_handover(uow, id)
        if run is None or run.state != RUNNING:
            raise JobCancelled(job.id)
        table, after = record_type.table.c, job.progress.get("after")
        wanted = select(table.id).where(owned(record_type, run.person_id, step["criteria"])).order_by(table.id)
        ids = list(uow.execute((wanted if after is None else wanted.where(table.id > after)).limit(_CHUNK)).scalars())
        records = [record for record in _locked(uow, record_type, ids) if record["owner_id"] == run.person_id]
        given = _give(service, uow, principal, record_type, step, records, run.done)
        if given:
            uow.execute(handover_chunk.insert(), {
                "handover_id": id, "number": run.done + len(given), "object": record_type.name,
                "written": [[run.done + number, one["id"], one["version"]] for number, one in enumerate(given, 1)]})
            change_handover(uow, id, done=run.done + len(given), total=max(run.total, run.done + len(given)),
                            counts=_counted(run.counts, record_type.name, given))
        if len(ids) < _CHUNK:
            job.save(uow, step=place + 1, after=None)
        else:
            job.save(uow, after=ids[-1])


def _locked(uow: UnitOfWork, record_type: RecordType, ids: Sequence[str]) -> list[Record]:
    rows = uow.execute(record_type.many_for_update, {"ids": ids}).all() if ids else []
    return [record_type.load(row) for row in rows]


def _give(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType, step: Record,
          records: Sequence[Record], turn: int) -> list[Record]:
    """The records as they stand once they are with whoever takes over."""
    access, people = Access(principal, record_type), step["people"]
    edits = []
    for number, record in enumerate(records):
        values = ({"owner_id": None, POOL: step["pool_id"]} if step["pool_id"]
                  else {"owner_id": people[(turn + number) % len(people)]})
        edit = make_edit(service, access, record, values)
        if edit is not None:
            edit.note = {"handover": True, **({"pool": {"action": "returned", "id": step["pool_id"]}}
                                              if step["pool_id"] else {})}
        edits.append(edit)
    results = [Result(200, record, changed=False) for record in records]
    calculate(service, uow, record_type, edits)
    write(uow, access, edits, results)
    done = [edit for edit, result in zip(edits, results, strict=True) if edit and result.problem is None]
    follow_owners(service, uow, principal, record_type, done)
    return [edit.after for edit in done]


def _counted(counts: Record, object_name: str, given: Sequence[Record]) -> Record:
    records = Counter(counts["records"]) + Counter({object_name: len(given)})
    receivers = Counter(counts["receivers"]) + Counter(one["owner_id"] for one in given if one["owner_id"])
    return counts | {"records": dict(records), "receivers": dict(receivers)}


def _undo(service: Service, job: Job, run: Row[Any], principal: Principal) -> None:
    while not job.progress.get("records_done"):
        _undo_chunk(service, job, run.id, principal)
    tasks = give_tasks_back(service, run)
    with service.db.unit_of_work() as uow:
        current = lock_handover(uow, run.id)
        if current is not None:
            finished(uow, run.id, UNDONE, undo=current.undo | tasks)


def _undo_chunk(service: Service, job: Job, id: str, principal: Principal) -> None:
    with service.db.unit_of_work() as uow:
        run = lock_handover(uow, id)
        if run is None or run.state != UNDOING:
            raise JobCancelled(job.id)
        chunk = last_chunk(uow.connection, id, job.progress.get("before"))
        if chunk is None:
            job.save(uow, records_done=True)
            return
        done, record_type = Done(), service.parts["types"].find(chunk.object)
        if record_type is not None:
            give_back(service, uow, Access(principal, record_type), id, chunk.written, done)
        if done.kept:
            uow.execute(handover_kept.insert(), [
                {"handover_id": id, "number": one[0], "object": chunk.object, "record_id": one[1], "code": code}
                for one, code in done.kept])
        change_handover(uow, id, undo=run.undo | {"restored": run.undo["restored"] + done.restored,
                                                  "kept": run.undo["kept"] + len(done.kept)})
        job.save(uow, before=chunk.number)
