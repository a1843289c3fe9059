"""Make all search entries of an object again when its searched fields, or the form of entries, have changed.

What entries are made for is their signature. A schedule compares it with what the definition wants, so nobody who
changes definitions needs to think of the search, and an upgrade fills the search of records that are older than it. The
job works in pieces and goes on after the last of them; meanwhile old entries still answer.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from chassis.clock import utcnow
from chassis.db import UnitOfWork, insert_or
from chassis.jobs import Job, enqueue
from services.customer.model.search.entries import FORM
from services.customer.store.record_type import RecordType
from services.customer.store.search_entries import add_entries, forget_entries
from services.customer.store.tables import search_entry, search_state

if TYPE_CHECKING:
    from chassis.service import Service

REBUILD_SEARCH = "customer.search_entries"
_PIECE = 1000


def settle_search(service: Service) -> None:
    """Have the entries made again of every object whose definition asks for others than it has."""
    types = service.parts["types"].renewed()
    with service.db.read() as connection:
        known = dict(connection.execute(select(search_state.c.object, search_state.c.signature)).all())
    for record_type in list(types.values()):
        if known.get(record_type.name) != (wanted := signature(record_type)):
            with service.db.unit_of_work() as uow:
                job_id = enqueue(uow, REBUILD_SEARCH, {"object": record_type.name, "signature": wanted})
                _keep_state(uow, record_type.name, wanted, job_id)
    gone = known.keys() - types.keys()
    if gone:
        with service.db.unit_of_work() as uow:
            uow.execute(delete(search_state).where(search_state.c.object.in_(sorted(gone))))
            uow.execute(delete(search_entry).where(search_entry.c.object.in_(sorted(gone))))


def signature(record_type: RecordType) -> str:
    """What the entries of an object depend on, as a short text."""
    fields = sorted(f"{field.name}:{field.type}" for field in record_type.searched)
    whole = f"{FORM} {record_type.definition.title_field} {' '.join(fields)}"
    return hashlib.sha256(whole.encode()).hexdigest()[:32]


def search_job(service: Service, job: Job) -> None:
    """Make the entries of every record, in the order of ids."""
    record_type = service.parts["types"].renewed().get(job.payload["object"])
    while record_type is not None and not job.progress.get("done"):
        _rebuild_piece(service, job, record_type)


def search_given_up(service: Service, uow: UnitOfWork, job: Job, error: str) -> None:
    """Let the schedule try again after a job that failed for good."""
    uow.execute(delete(search_state).where(search_state.c.job_id == job.id))


def _rebuild_piece(service: Service, job: Job, record_type: RecordType) -> None:
    source = record_type.as_searched
    ids = source.table.c.id
    query = source.selection.order_by(ids).limit(_PIECE).with_for_update(of=source.table)
    if job.progress.get("after"):
        query = query.where(ids > job.progress["after"])
    with service.db.unit_of_work() as uow:
        records = [source.load(row) for row in uow.execute(query)]
        forget_entries(uow, [one["id"] for one in records])
        add_entries(uow, record_type, records)
        job.save(uow, after=records[-1]["id"] if records else None, done=len(records) < _PIECE)


def _keep_state(uow: UnitOfWork, object_name: str, wanted: str, job_id: str) -> None:
    row = {"object": object_name, "signature": wanted, "job_id": job_id, "updated_at": utcnow()}
    uow.execute(insert_or(uow, search_state).values(row).on_conflict_do_update(
        index_elements=["object"], set_={name: value for name, value in row.items() if name != "object"}))
