"""Segments as a reader sees them: those whose condition speaks only of what he may read, counted within his scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, func, literal_column, select

from chassis.auth.principal import Principal
from chassis.clock import to_wire
from chassis.http.paging import list_page
from chassis.http.problem import not_found
from chassis.ids import is_id
from services.customer.model.labels import label_in
from services.customer.model.segments import Segment
from services.customer.queries.get_record import get_record
from services.customer.queries.labels import titles_of
from services.customer.store.record_type import Record, RecordType
from services.customer.store.segments import segment, segment_member, segment_passage
from services.customer.usecases.access import Access

if TYPE_CHECKING:
    from chassis.service import Service

COUNTED_EXACTLY = 10_000


def list_segments(service: Service, principal: Principal, record_type: RecordType) -> list[Record]:
    """The segments of an object; raises 403."""
    access = Access(principal, record_type)
    access.need("read")
    query = select(segment).where(segment.c.object == record_type.name).order_by(segment.c.id)
    with service.db.read() as connection:
        return [_shown(connection, access, row) for row in connection.execute(query).all() if is_seen(access, row)]


def show_segment(service: Service, principal: Principal, id: str) -> Record:
    """One segment; raises 403 and 404."""
    with service.db.read() as connection:
        access, row = _found(service, connection, principal, id)
        return _shown(connection, access, row)


def passages(service: Service, principal: Principal, id: str, *, limit: int, cursor: str | None) -> dict[str, Any]:
    """Who entered and left, the latest first, among the records that the caller sees."""
    with service.db.read() as connection:
        access, row = _found(service, connection, principal, id)
        access.asked |= _asked(access, id)
        visible, condition = select(access.record_type.table.c.id), access.where()
        visible = visible if condition is None else visible.where(condition)
        query = select(segment_passage).where(segment_passage.c.segment_id == row.id,
                                              segment_passage.c.record_id.in_(visible))
        page = list_page(connection, query, ((segment_passage.c.at, True), (segment_passage.c.id, True)), limit=limit,
                         cursor=cursor, render=lambda one: one)
        titles = titles_of(connection, principal, access.record_type, {one.record_id for one in page["items"]})
    items = [{"id": one.id, "record_id": one.record_id, "title": titles.get(one.record_id, ""),
              "entered": one.entered, "at": to_wire(one.at)} for one in page["items"]]
    return page | {"items": items}


def segments_of(service: Service, principal: Principal, record_type: RecordType, record_id: str) -> list[Record]:
    """The segments that a record is in, with the time since when; raises 403 and 404 as for the record itself."""
    record = get_record(service, principal, record_type, record_id)
    access = Access(principal, record_type)
    masked = access.masks_over(record).keys()
    query = select(segment, segment_member.c.entered_at).join(
        segment_member, segment_member.c.segment_id == segment.c.id).where(segment_member.c.record_id == record_id)
    with service.db.read() as connection:
        rows = connection.execute(query.order_by(segment_member.c.entered_at)).all()
    return [{"id": row.id, "name": row.name, "entered_at": to_wire(row.entered_at)} for row in rows
            if is_seen(access, row) and masked.isdisjoint(_asked(access, row.id))]


def is_seen(access: Access, row: Row[Any]) -> bool:
    """Whether the caller may know of the segment: it would tell of fields that he must not read.

    What a resting one asks cannot be told from its condition any more, so only who may read all fields knows of it.
    """
    known = _known(access, row.id)
    return access.shape.is_whole if known is None else access.knows(known)


def _known(access: Access, id: str) -> Segment | None:
    return next((one for one in access.record_type.segments if one.id == id), None)


def _asked(access: Access, id: str) -> frozenset[str]:
    """The fields of the records themselves that a segment asks: where one is masked, nobody learns who is in it."""
    known = _known(access, id)
    return frozenset[str]().union(*(watch.members for watch in known.watches if not watch.route)) if known else (
        frozenset())


def _found(service: Service, connection: Connection, principal: Principal, id: str) -> tuple[Access, Row[Any]]:
    row = connection.execute(select(segment).where(segment.c.id == id)).first() if is_id(id) else None
    if row is None:
        raise not_found("segment")
    access = Access(principal, service.parts["types"].get(row.object))
    access.need("read")
    if not is_seen(access, row):
        raise not_found("segment")
    return access, row


def _shown(connection: Connection, access: Access, row: Row[Any]) -> Record:
    count, how = _count(connection, access, row.id)
    known = _known(access, row.id)
    return {"id": row.id, "object": row.object, "name": row.name,
            "title": label_in(row.name, access.principal.locale, row.id), "criteria": row.criteria,
            "state": row.state if known is not None else "resting", "by_clock": known is not None and known.by_clock,
            "version": row.version, "count": count, "count_is": how, "updated_at": to_wire(row.updated_at)}


def _count(connection: Connection, access: Access, id: str) -> tuple[int, str]:
    """How many of its members the caller sees, counted to a bound."""
    table = access.record_type.table
    unmasked = Access(access.principal, access.record_type)
    unmasked.asked |= _asked(access, id)
    members = select(literal_column("1")).select_from(table.join(
        segment_member, segment_member.c.record_id == table.c.id)).where(segment_member.c.segment_id == id)
    condition = unmasked.where()
    members = members if condition is None else members.where(condition)
    counted = connection.execute(select(func.count()).select_from(
        members.limit(COUNTED_EXACTLY + 1).subquery())).scalar_one()
    return (counted, "exact") if counted <= COUNTED_EXACTLY else (COUNTED_EXACTLY, "at_least")
