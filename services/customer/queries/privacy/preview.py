"""What an erasure of a person would take: the fields, and how much is kept elsewhere about him; nothing changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Table, func, select

from chassis.auth.principal import Principal
from services.customer.model.privacy import personal_fields
from services.customer.queries.get_record import get_record
from services.customer.queries.merges import taken_in
from services.customer.store.files.tables import attachment
from services.customer.store.record_type import Record, RecordType
from services.customer.store.tables import record_change, timeline_entry
from services.customer.usecases.access import Access

if TYPE_CHECKING:
    from chassis.service import Service


def erasure_preview(service: Service, principal: Principal, record_type: RecordType, record_id: str) -> Record:
    """The fields that an erasure empties when nobody names others, and what else it would reach; raises 403 and 404."""
    Access(principal, record_type).need("update")
    record = get_record(service, principal, record_type, record_id)
    with service.db.read() as connection:
        merged = taken_in(connection, record_id)
        ids = [record_id, *merged]
        return {"object": record_type.name, "id": record_id, "version": record["version"],
                "fields": personal_fields(record_type.definition), "merged": len(merged),
                "history": _count(connection, record_change, record_change.c.record_id.in_(ids)),
                "told": _count(connection, timeline_entry, timeline_entry.c.record_id.in_(ids)),
                "files": _count(connection, attachment, attachment.c.record_id.in_(ids)),
                "related": _pointing(service, connection, record_type, record_id)}


def _pointing(service: Service, connection: Connection, record_type: RecordType, record_id: str) -> list[Record]:
    """Records that refer to it, by object; an erasure does not reach their own words."""
    found = []
    for other in sorted(service.parts["types"].all().values(), key=lambda one: one.name):
        columns = [other.columns[field.name] for field in other.references if field.target == record_type.name]
        count = sum(_count(connection, other.table, column == record_id) for column in columns)
        if count:
            found.append({"object": other.name, "count": count})
    return found


def _count(connection: Connection, table: Table, where: ColumnElement[Any]) -> int:
    return connection.execute(select(func.count()).select_from(table).where(where)).scalar_one()
