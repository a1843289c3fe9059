"""The timeline of a record: its own history and what other services told about it, newest first, in one list.

Two keyset queries of one page each are merged; a page never costs more than that. Fields that the caller may not read
are not in it. What a merge has taken in shows with its survivor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table, literal, select, tuple_

from chassis.auth.principal import Principal
from chassis.clock import from_wire
from chassis.http.paging import decode_cursor, encode_cursor
from services.customer.model.labels import label_in
from services.customer.model.values.times import moment_text
from services.customer.queries.get_record import get_record
from services.customer.queries.merges import taken_in
from services.customer.store.record_type import Record, RecordType
from services.customer.store.tables import record_change, timeline_entry
from services.customer.usecases.access import Access

if TYPE_CHECKING:
    from chassis.service import Service


def timeline(service: Service, principal: Principal, record_type: RecordType, record_id: str, *,
             limit: int, cursor: str | None) -> dict[str, Any]:
    """One page of the timeline; raises 403 and 404 as for the record itself."""
    get_record(service, principal, record_type, record_id)
    access, bound_to = Access(principal, record_type), f"timeline {record_type.name} {record_id}"
    place = decode_cursor(cursor, bound_to) if cursor else None
    with service.db.read() as connection:
        ids = [record_id, *taken_in(connection, record_id)]
        rows = [row for table in (record_change, timeline_entry)
                for row in _page(connection, table, ids, place, limit + 1)]
    rows.sort(key=lambda row: (row.at, row.id), reverse=True)
    shown, more = rows[:limit], len(rows) > limit
    last = [moment_text(shown[-1].at), shown[-1].id] if more else None
    return {"items": [_item(service, access, row) for row in shown],
            "next_cursor": encode_cursor(last, bound_to) if last else None}


def _page(connection: Connection, table: Table, ids: list[str], place: list[str] | None, limit: int) -> list[Any]:
    query = select(table).where(table.c.record_id.in_(ids))
    if place is not None:
        at, id = place
        last = tuple_(literal(from_wire(at), table.c.at.type), literal(id, table.c.id.type))
        query = query.where(tuple_(table.c.at, table.c.id) < last)
    return list(connection.execute(query.order_by(table.c.at.desc(), table.c.id.desc()).limit(limit)))


def _item(service: Service, access: Access, row: Any) -> Record:
    is_change = hasattr(row, "changes")
    return {"id": row.id, "kind": "change" if is_change else row.kind, "at": moment_text(row.at),
            "by": _person(service, row), "action": row.action, "origin": row.origin,
            "changes": _changes(access, row.changes) if is_change else [],
            "text": None if is_change else label_in(row.text, access.principal.locale, "")}


def _person(service: Service, row: Any) -> dict[str, str | None] | None:
    if row.by_id is None:
        return None
    return {"id": row.by_id, "name": service.directory.name_of(row.by_id) or row.by_name}


def _changes(access: Access, changes: dict[str, list[Any]]) -> list[Record]:
    return [{"field": name, "before": before, "after": after}
            for name, (before, after) in changes.items() if name in access.shape.readable]
