"""What an erasure of a person would take: the fields, and how much is kept elsewhere about him; nothing changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Table, and_, func, select

from chassis.auth.principal import Principal
from services.customer.model.privacy import personal_fields
from services.customer.queries.get_record import get_record
from services.customer.queries.merges import taken_in
from services.customer.queries.privacy.report import referring
from services.customer.store.files.tables import attachment
from services.customer.store.record_type import Record, RecordType
from services.customer.store.tables import record_change, timeline_entry
from services.customer.usecases.access import Access

if TYPE_CHECKING:
    from chassis.service import Service


def erasure_preview(service: Service, principal: Principal, record_type: RecordType, record_id: str) -> Record:
    """The fields that an erasure empties when nobody names others, and what else it would reach; raises 403 and 404."""
    access = Access(principal, record_type)
    access.need("update")
    record = get_record(service, principal, record_type, record_id)
    with service.db.read() as connection:
        merged = taken_in(connection, record_id)
        ids = [record_id, *merged]
        return {"object": record_type.name, "id": record_id, "version": record["version"],
                "fields": [name for name in personal_fields(record_type.definition) if name in access.shape.shown],
                "merged": len(merged),
                "history": _count(connection, record_change, record_change.c.record_id.in_(ids)),
                "told": _count(connection, timeline_entry, timeline_entry.c.record_id.in_(ids)),
                "files": _count(connection, attachment, attachment.c.record_id.in_(ids)),
                "related": _pointing(service, connection, principal, record_type, record_id)}


def _pointing(service: Service, connection: Connection, principal: Principal, record_type: RecordType,
              record_id: str) -> list[Record]:
    """Records that the caller sees and that refer to it, by object; an erasure does not reach their own words."""
    found: dict[str, int] = {}
    for access, field in referring(service, principal, record_type):
        other, condition = access.record_type, access.where()
        points = other.columns[field] == record_id
        count = _count(connection, other.table, points if condition is None else and_(points, condition))
        if count:
            found[other.name] = found.get(other.name, 0) + count
    return [{"object": name, "count": count} for name, count in found.items()]


def _count(connection: Connection, table: Table, where: ColumnElement[Any]) -> int:
    return connection.execute(select(func.count()).select_from(table).where(where)).scalar_one()
