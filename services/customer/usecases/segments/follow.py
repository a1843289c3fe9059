"""Who enters and who leaves the segments of an object with a write, in the transaction of that write.

A record whose standing did not change costs nothing but two judgements in memory. What goes by the clock may have
changed its standing without a write, so there the table is asked. Segments that ask related records are left to their
loop (`due`); only who is deleted leaves at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import select

from chassis.criteria import Scope, to_sql
from chassis.db import UnitOfWork
from services.customer.events import MAX_CHANGES, publish_passage
from services.customer.model.segments import Segment
from services.customer.store.record_type import Record, RecordType
from services.customer.store.segments import among_members, enter, leave

if TYPE_CHECKING:
    from services.customer.usecases.history import Change

_CREATED, _DELETED = "created", "deleted"


def follow_segments(uow: UnitOfWork, record_type: RecordType, by: str | None, changes: Sequence[Change]) -> None:
    """Keep the members of the object's segments current."""
    if not record_type.segments:
        return
    scope = record_type.company_scope()
    for segment in record_type.segments:
        if segment.is_related:
            let_go(uow, record_type, segment, by, [one.record for one in changes if one.action == _DELETED])
            continue
        coming, going = _sorted(segment, scope, changes)
        take_in(uow, record_type, segment, by, coming)
        let_go(uow, record_type, segment, by, going)


def take_in(uow: UnitOfWork, record_type: RecordType, segment: Segment, by: str | None,
            records: Sequence[Record]) -> int:
    """Take records in that are not in yet; returns how many."""
    known = among_members(uow, segment.id, [one["id"] for one in records]) if records else set()
    new = [one for one in records if one["id"] not in known]
    if new:
        enter(uow, segment.id, [one["id"] for one in new])
        _tell(uow, record_type, segment, by, new, entered=True)
    return len(new)


def let_go(uow: UnitOfWork, record_type: RecordType, segment: Segment, by: str | None,
           records: Sequence[Record]) -> int:
    """Take records out that are still in; returns how many."""
    known = among_members(uow, segment.id, [one["id"] for one in records]) if records else set()
    gone = [one for one in records if one["id"] in known]
    if gone:
        leave(uow, segment.id, [one["id"] for one in gone])
        _tell(uow, record_type, segment, by, gone, entered=False)
    return len(gone)


def settle_records(uow: UnitOfWork, record_type: RecordType, segment: Segment, ids: Sequence[str]) -> int:
    """Lock these records and judge them as they are now; returns how many moved."""
    rows = uow.execute(record_type.many_for_touch, {"ids": sorted(ids)}).all() if ids else []
    records = [record_type.load(row) for row in rows]
    holding = _holding(uow, record_type, segment, records)
    return (take_in(uow, record_type, segment, None, [one for one in records if one["id"] in holding])
            + let_go(uow, record_type, segment, None, [one for one in records if one["id"] not in holding]))


def _holding(uow: UnitOfWork, record_type: RecordType, segment: Segment, records: Sequence[Record]) -> set[str]:
    """Which of the records meet the condition; what asks related records is judged by the table."""
    scope = record_type.company_scope()
    if not segment.is_related:
        return {one["id"] for one in records if segment.holds(one, scope)}
    id = record_type.table.c.id
    met = to_sql(segment.criterion, record_type.criteria_columns, scope)
    return set(uow.execute(select(id).where(id.in_([one["id"] for one in records]), met)).scalars())


def _sorted(segment: Segment, scope: Scope, changes: Iterable[Change]) -> tuple[list[Record], list[Record]]:
    """The records that may have to enter, and those that may have to leave."""
    coming, going = [], []
    for change in changes:
        inside = change.action != _DELETED and segment.holds(change.record, scope)
        if segment.by_clock:
            stood = None
        else:
            stood = change.action != _CREATED and segment.holds({**change.record, **change.before}, scope)
        if stood is inside or (change.action == _CREATED and not inside):
            continue
        (coming if inside else going).append(change.record)
    return coming, going


def _tell(uow: UnitOfWork, record_type: RecordType, segment: Segment, by: str | None, records: Sequence[Record], *,
          entered: bool) -> None:
    for start in range(0, len(records), MAX_CHANGES):
        publish_passage(uow, record_type.name, segment, by, records[start:start + MAX_CHANGES], entered=entered)
