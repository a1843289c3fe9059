"""Rebuild match keys after duplicate rules have changed: a job in pieces, resumed by the last id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete

from chassis.jobs import Job
from services.customer.store.match_keys import add_keys
from services.customer.store.record_type import RecordType
from services.customer.store.tables import match_key

if TYPE_CHECKING:
    from chassis.service import Service

_PIECE = 500


def rebuild_job(service: Service, job: Job) -> None:
    """Renew the keys of every record, in the order of ids."""
    record_type = service.parts["types"].renewed().get(job.payload["object"])
    while record_type is not None and not job.progress.get("done"):
        _rebuild_piece(service, job, record_type)


def _rebuild_piece(service: Service, job: Job, record_type: RecordType) -> None:
    ids = record_type.table.c.id
    query = record_type.selection.order_by(ids).limit(_PIECE).with_for_update(of=record_type.table)
    if job.progress.get("after"):
        query = query.where(ids > job.progress["after"])
    with service.db.unit_of_work() as uow:
        records = [record_type.load(row) for row in uow.execute(query)]
        if records:
            uow.execute(delete(match_key).where(match_key.c.record_id.in_([one["id"] for one in records])))
            add_keys(uow, record_type.definition, records)
        job.save(uow, after=records[-1]["id"] if records else None, done=len(records) < _PIECE)
