"""Segments that ask related records: what a write leaves to be judged again, and the loop that does it.

A write only adds rows, in its own transaction, so nobody waits for records that he does not write. A row names a record
and a route; the loop finds the records of the segment's object from which the route leads there, some at a time, locks
them, and asks the table who meets the condition now. Whoever commits later has left a row of his own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select, update
from sqlalchemy import delete as delete_from

from chassis.context import Cause, Origin, current_cause, with_cause
from chassis.criteria import Step
from chassis.db import UnitOfWork
from chassis.ids import new_id
from services.customer.model.segments import Segment, Watch
from services.customer.store.record_type import RecordType
from services.customer.store.segments import segment_due
from services.customer.usecases.segments.follow import settle_records

if TYPE_CHECKING:
    from chassis.service import Service
    from services.customer.usecases.history import Change

_ADD = segment_due.insert()
_ORIGIN = Origin("system", None, "segments")
_ROWS, _PIECE, _MOST = 500, 500, 2000
_CREATED, _DELETED = "created", "deleted"


def leave_to_segments(uow: UnitOfWork, record_type: RecordType, changes: Sequence[Change]) -> None:
    """Leave a row for each record that a segment may have to judge again."""
    own = [watch for one in record_type.segments if one.is_related for watch in one.watches if not watch.route]
    own += [Watch(one.id, (), frozenset()) for one in record_type.segments
            if one.is_related and all(watch.route for watch in one.watches)]
    if not own and not record_type.watches:
        return
    rows = [*_themselves(own, changes), *_around(record_type.watches, changes)]
    cause = current_cause()
    uow.later(_ADD, [{**row, "after": None, "depth": cause.depth, "rules": cause.rules}
                     for row in {tuple(row.items()): row for row in rows}.values()])


def settle_due(service: Service) -> bool:
    """Work off one piece; tells whether there may be more to do at once."""
    with service.db.read() as connection:
        if connection.execute(select(segment_due.c.id).limit(1)).first() is None:
            return False
    with service.db.unit_of_work() as uow:
        rows = uow.execute(select(segment_due).order_by(segment_due.c.id).limit(_ROWS)
                           .with_for_update(skip_locked=True)).all()
        for segment_id in dict.fromkeys(row.segment_id for row in rows):
            _settle(service, uow, segment_id, [row for row in rows if row.segment_id == segment_id])
    return bool(rows)


def _themselves(watches: Iterable[Watch], changes: Iterable[Change]) -> Iterator[Mapping[str, Any]]:
    for watch in watches:
        for change in changes:
            touched = not watch.members.isdisjoint(change.changed)
            if change.action == _CREATED or (change.action != _DELETED and touched):
                yield {"segment_id": watch.segment_id, "route": "", "key": change.record["id"]}


def _around(watches: Iterable[Watch], changes: Iterable[Change]) -> Iterator[Mapping[str, Any]]:
    for watch in watches:
        for change in changes:
            if change.action in (_CREATED, _DELETED) or not watch.members.isdisjoint(change.changed):
                yield from _asking(watch, change)


def _asking(watch: Watch, change: Change) -> Iterator[Mapping[str, Any]]:
    """Who asks the changed record: whoever reaches it, or, back along its reference, the records that it refers to now
    and referred to before. Nobody refers to a new record yet, nor to a deleted one any more."""
    *before, last = watch.route
    if last.back:
        record = change.record
        for key in {record.get(last.reference), change.before.get(last.reference)} - {None}:
            yield {"segment_id": watch.segment_id, "route": _written(before), "key": key}
    elif change.action not in (_CREATED, _DELETED):
        yield {"segment_id": watch.segment_id, "route": _written(watch.route), "key": change.record["id"]}


def _written(route: Iterable[Step]) -> str:
    return "/".join(f"{step.object}.{step.reference}" if step.back else step.reference for step in route)


def _settle(service: Service, uow: UnitOfWork, segment_id: str, rows: Sequence[Any]) -> None:
    """Judge what the rows lead to; a row with very many records keeps its place for the next time."""
    found = _find(service, segment_id)
    ids: set[str] = set()
    for row in rows:
        if len(ids) > _MOST:
            break
        reached = _reaching(uow.connection, *found, row) if found else []
        ids.update(reached)
        if row.route and len(reached) == _PIECE:
            uow.execute(update(segment_due).where(segment_due.c.id == row.id).values(after=reached[-1]))
        else:
            uow.execute(delete_from(segment_due).where(segment_due.c.id == row.id))
    if found:
        cause = Cause(request_id=new_id(), origin=_ORIGIN, depth=max(row.depth for row in rows),
                      rules=any(row.rules for row in rows))
        with with_cause(cause):
            for start in range(0, len(ids), _PIECE):
                settle_records(uow, *found, sorted(ids)[start:start + _PIECE])


def _find(service: Service, segment_id: str) -> tuple[RecordType, Segment] | None:
    return next(((record_type, one) for record_type in service.parts["types"].renewed().values()
                 for one in record_type.segments if one.id == segment_id), None)


def _reaching(connection: Connection, record_type: RecordType, one: Segment, row: Any) -> list[str]:
    """The ids of the segment's object from which the route leads to the key, behind those that were seen to."""
    if not row.route:
        return [row.key]
    route = next((watch.route[:place] for watch in one.watches for place in range(1, len(watch.route) + 1)
                  if _written(watch.route[:place]) == row.route), None)
    return [] if route is None else ids_by_route(connection, record_type, route, row.key, row.after)


def ids_by_route(connection: Connection, record_type: RecordType, route: Sequence[Step], key: str,
                 after: str | None) -> list[str]:
    """The ids of records from which the route leads to the record `key`, in their order, one piece of them."""
    first = at = record_type.table.alias()
    query, here = select(first.c.id).distinct(), record_type
    for step in route:
        there: RecordType | None = record_type.neighbours.find(step.object)
        if there is None:
            return []
        beyond = there.table.alias()
        near, far = (at.c.id, beyond.c[there.column_of(step.reference)]) if step.back else (
            at.c[here.column_of(step.reference)], beyond.c.id)
        query, at, here = query.join_from(at, beyond, near == far), beyond, there
    query = query.where(at.c.id == key).order_by(first.c.id).limit(_PIECE)
    return list(connection.execute(query if after is None else query.where(first.c.id > after)).scalars())
