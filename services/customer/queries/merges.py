"""Merges: where a record went, what a record has taken in, and the list of merges that can be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, select

from chassis.auth.principal import Principal
from chassis.clock import to_wire
from chassis.http.problem import Problem
from services.customer.queries.labels import titles_of
from services.customer.store.duplicates.tables import record_merge
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.links import visible_ids

if TYPE_CHECKING:
    from chassis.service import Service

_LONGEST_CHAIN = 20
_MOST_TAKEN_IN = 200


def refuse_merged(service: Service, access: Access, record_id: str) -> None:
    """Raise 410 with the survivor when this record was merged into one that the caller sees."""
    with service.db.read() as connection:
        survivor = survivor_of(connection, record_id)
        seen = survivor and visible_ids(connection, access.principal, access.record_type, [survivor])
    if seen:
        address = f"/api/customer/v1/records/{access.record_type.name}/{survivor}"
        raise Problem(410, "record_merged", extra={"merged_into": survivor}, headers={"Location": address})


def survivor_of(connection: Connection, record_id: str) -> str | None:
    """The record that has taken this one in, however many merges lie between."""
    merge, found, current = record_merge.c, None, record_id
    for _ in range(_LONGEST_CHAIN):
        current = connection.execute(select(merge.survivor_id).where(
            merge.merged_id == current, merge.undone_at.is_(None)).order_by(merge.at.desc()).limit(1)).scalar()
        if current is None:
            break
        found = current
    return found


def taken_in(connection: Connection, record_id: str) -> list[str]:
    """The records that this one has taken in, directly or not."""
    merge, found, asked = record_merge.c, [], [record_id]
    for _ in range(_LONGEST_CHAIN):
        if not asked or len(found) >= _MOST_TAKEN_IN:
            break
        asked = list(connection.execute(select(merge.merged_id).where(
            merge.survivor_id.in_(asked), merge.undone_at.is_(None)).limit(_MOST_TAKEN_IN)).scalars())
        found += asked
    return found[:_MOST_TAKEN_IN]


def merges_query(record_type: RecordType, principal: Principal, record_id: str | None) -> Select[Any]:
    """Merges whose survivor the caller sees; to be paged newest first."""
    access = Access(principal, record_type)
    access.need("read")
    visible, condition = select(record_type.table.c.id), access.where()
    if condition is not None:
        visible = visible.where(condition)
    query = select(record_merge).where(record_merge.c.object == record_type.name,
                                       record_merge.c.survivor_id.in_(visible))
    return query if record_id is None else query.where(record_merge.c.survivor_id == record_id)


def show_merges(service: Service, principal: Principal, record_type: RecordType, rows: list[Any]) -> list[Record]:
    """Merges as the API shows them, as far as the caller may see the record that went."""
    access = Access(principal, record_type)
    with service.db.read() as connection:
        titles = titles_of(connection, principal, record_type, {row.survivor_id for row in rows})
    title = record_type.definition.title_field
    return [{"id": row.id, "object": row.object, "survivor_id": row.survivor_id, "merged_id": row.merged_id,
             "survivor_title": titles.get(row.survivor_id, ""), "at": to_wire(row.at),
             "merged_title": (row.merged.get(title) or "") if title in access.shape.readable
             and (access.owns(row.merged) or access.grants.judge(row.merged, access.scope)) else "",
             "by": _person(service, row),
             "undone_at": to_wire(row.undone_at) if row.undone_at else None} for row in rows]


def _person(service: Service, row: Any) -> Record | None:
    return {"id": row.by_id, "name": service.directory.name_of(row.by_id) or row.by_name} if row.by_id else None
