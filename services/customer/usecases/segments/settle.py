"""Put the members of a segment right by asking the table: when it is new or changed, and as time goes by.

In pieces: who should be in and is not, then who is in and should not be. Each piece locks its records and judges them
again, so it never contradicts a write that goes on meanwhile. What a new definition finds is not news to rules; what
the daily look finds is, for it may be a step ahead of the clock's own round.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, Select, bindparam, exists, not_, select, update

from chassis.clock import from_wire, to_wire, utcnow
from chassis.context import Origin, current_cause, with_cause
from chassis.criteria import to_sql
from chassis.db import UnitOfWork
from chassis.jobs import Job, enqueue
from services.customer.model.segments import Segment
from services.customer.store.record_type import RecordType
from services.customer.store.segments import READY, segment, segment_member
from services.customer.usecases.segments.follow import settle_records

if TYPE_CHECKING:
    from chassis.service import Service

SETTLE_SEGMENT = "customer.segment"
NOTICED = timedelta(seconds=2)  # every process looks once a second whether definitions have changed
_PIECE = 500
_MOST_PIECES = 40  # of one segment in one round of the clock
_ORIGIN = Origin("system", None, "segments")
_CRITERIA = select(segment.c.criteria).where(segment.c.id == bindparam("id"))


def ask_to_settle(uow: UnitOfWork, segment_id: str, *, news: bool = False) -> None:
    """Have a segment put right in the background; `news`: rules hear of it, unless its definition is a new one."""
    enqueue(uow, SETTLE_SEGMENT, {"segment_id": segment_id, "asked_at": to_wire(utcnow()), "news": news})


def settle_job(service: Service, job: Job) -> None:
    """Put the segment of the payload right; it is ready then, unless its definition has changed meanwhile."""
    time.sleep(max(0.0, (from_wire(job.payload["asked_at"]) + NOTICED - utcnow()).total_seconds()))
    id = job.payload["segment_id"]
    with service.db.read() as connection:
        criteria = connection.execute(_CRITERIA, {"id": id}).scalar()
    found = _find(service, id)
    if found is not None:
        news = job.payload.get("news", False) and id in _ready(service)
        with with_cause(current_cause().because_of(origin=_ORIGIN, rules=news)):
            while _piece(service, *found, job):
                pass
    with service.db.unit_of_work() as uow:
        if uow.execute(_CRITERIA.with_for_update(), {"id": id}).scalar() == criteria:
            uow.execute(update(segment).where(segment.c.id == id).values(state=READY))
        job.save(uow, done=True)


def turn_clock(service: Service) -> None:
    """Put those right that go by the clock; rules hear of it. What is new is left to its job, of which they do not."""
    types = list(service.parts["types"].renewed().values())
    ready = _ready(service)  # asked last: a definition that is newer than the types is not ready
    for record_type in types:
        for one in record_type.segments:
            if one.by_clock and one.id in ready:
                _turn(service, record_type, one)


def settle_all(service: Service) -> None:
    """Once a day, look whether everything is right."""
    with service.db.unit_of_work() as uow:
        for id in uow.execute(select(segment.c.id)).scalars().all():
            ask_to_settle(uow, id, news=True)


def _turn(service: Service, record_type: RecordType, one: Segment) -> None:
    with with_cause(current_cause().because_of(origin=_ORIGIN)):
        for _ in range(_MOST_PIECES):
            if not _piece(service, record_type, one):
                return


def _ready(service: Service) -> set[str]:
    """The segments whose present definition has been looked at."""
    with service.db.read() as connection:
        return set(connection.execute(select(segment.c.id).where(segment.c.state == READY)).scalars())


def _find(service: Service, segment_id: str) -> tuple[RecordType, Segment] | None:
    for record_type in service.parts["types"].renewed().values():
        for one in record_type.segments:
            if one.id == segment_id:
                return record_type, one
    return None


def _piece(service: Service, record_type: RecordType, one: Segment, job: Job | None = None) -> bool:
    """Move up to `_PIECE` records in and as many out; False when nobody moved."""
    with service.db.unit_of_work() as uow:
        scope = record_type.company_scope()
        holds = to_sql(one.criterion, record_type.criteria_columns, scope)
        ids = _missing(uow.connection, record_type, one, holds) + _surplus(uow.connection, record_type, one, holds)
        moved = settle_records(uow, record_type, one, ids)
        if job is not None:
            job.save(uow, moved=job.progress.get("moved", 0) + moved)
    return moved > 0


def _missing(connection: Connection, record_type: RecordType, one: Segment,
             holds: ColumnElement[bool]) -> list[str]:
    """Who should be in and is not."""
    id = record_type.table.c.id
    return _ids(connection, select(id).where(holds, not_(_is_member(id, one.id))).order_by(id))


def _surplus(connection: Connection, record_type: RecordType, one: Segment,
             holds: ColumnElement[bool]) -> list[str]:
    """Who is in and should not be."""
    id = record_type.table.c.id
    return _ids(connection, select(id).where(not_(holds), _is_member(id, one.id)).order_by(id))


def _is_member(id: ColumnElement[str], segment_id: str) -> ColumnElement[bool]:
    return exists().where(segment_member.c.record_id == id, segment_member.c.segment_id == segment_id)


def _ids(connection: Connection, query: Select[tuple[str]]) -> list[str]:
    return list(connection.execute(query.limit(_PIECE)).scalars())
