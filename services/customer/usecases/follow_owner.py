"""Records follow their owner: when somebody changes department, the department of his records changes too.

A job, in pieces: each locks some records, moves them and tells about it, so neither a person with 100,000 records nor
a reorganisation of the whole company holds anybody up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from chassis.auth.principal import EVERYTHING, Principal
from chassis.jobs import Job
from services.customer.store.record_type import RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.edits import lock_records, write_edits

if TYPE_CHECKING:
    from chassis.service import Service

FOLLOW = "customer.follow_owner"
_PIECE = 200
SYSTEM = Principal(kind="service", name="customer", policy_of=lambda _: EVERYTHING)


def follow_job(service: Service, job: Job) -> None:
    """Move what the users of the payload (user → department) own, perhaps only in some objects."""
    only = job.payload.get("objects")
    for user_id, department_id in sorted(job.payload["users"].items()):
        for record_type in [one for name, one in service.parts["types"].renewed().items() if not only or name in only]:
            while _move_piece(service, job, record_type, user_id, department_id):
                pass


def _move_piece(service: Service, job: Job, record_type: RecordType, user_id: str,
                department_id: str | None) -> bool:
    """Move some records; tells whether there may be more."""
    columns = record_type.table.c
    elsewhere = columns.department_id.is_distinct_from(department_id)
    query = select(columns.id).where(columns.owner_id == user_id, elsewhere).limit(_PIECE)
    access = Access(SYSTEM, record_type)
    with service.db.unit_of_work() as uow:
        ids = list(uow.execute(query).scalars())
        standing = lock_records(uow, access, ids)
        mine = [record for record in standing.values() if record["owner_id"] == user_id]
        write_edits(service, uow, access, [(record, {"department_id": department_id}) for record in mine])
        job.save(uow, moved=job.progress.get("moved", 0) + len(mine))
    return len(ids) == _PIECE
