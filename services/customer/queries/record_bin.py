"""What lies in the bin of an object, as far as the caller would see the records.

Lines that were deleted with their record are not listed: they come back with it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, select

from chassis.auth.principal import Principal
from chassis.clock import to_wire
from chassis.criteria import to_sql
from chassis.http.paging import list_page
from services.customer.store.record_bin import record_bin
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access

if TYPE_CHECKING:
    from chassis.service import Service


def binned_records(service: Service, principal: Principal, record_type: RecordType, *, limit: int,
                   cursor: str | None) -> dict[str, Any]:
    """One page, what was deleted last first; raises 403 for who may not delete."""
    access = Access(principal, record_type)
    access.need("delete")
    order = ((record_bin.c.at, True), (record_bin.c.record_id, True))
    with service.db.read() as connection:
        return list_page(connection, _visible(access), order, limit=limit, cursor=cursor,
                         render=lambda row: _shown(service, access, row))


def _visible(access: Access) -> Select[Any]:
    query = select(record_bin).where(record_bin.c.object == access.record_type.name, record_bin.c.with_id.is_(None))
    if access.shape.scope is None:
        return query
    columns = {name: record_bin.c[name] for name in ("owner_id", "department_id")}
    return query.where(to_sql(access.shape.scope, columns, access.scope))


def _shown(service: Service, access: Access, row: Any) -> Record:
    title = access.record_type.definition.title_field
    by = {"id": row.by_id, "name": service.directory.name_of(row.by_id) or row.by_name} if row.by_id else None
    purged = row.at + timedelta(days=service.settings.record_bin_days)
    return {"id": row.record_id, "title": row.record.get(title) if title in access.shape.readable else None,
            "owner_id": row.owner_id if "owner_id" in access.shape.readable else None,
            "deleted_at": to_wire(row.at), "deleted_by": by, "purged_at": to_wire(purged)}
