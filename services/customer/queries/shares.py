"""Who a record is shared with, and who is in its team."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from chassis.auth.directory import Snapshot
from chassis.auth.principal import Principal
from chassis.clock import to_wire, utcnow
from services.customer.queries.get_record import get_record
from services.customer.store.record_type import RecordType
from services.customer.store.sharing.tables import record_share
from services.customer.usecases.access import Access
from services.customer.usecases.sharing.shares import MAX_SHARES
from services.customer.usecases.sharing.telling import grantee_name

if TYPE_CHECKING:
    from chassis.service import Service


def shares_of(service: Service, principal: Principal, record_type: RecordType, record_id: str) -> dict[str, Any]:
    """The shares of a record that the caller sees, the oldest first, and whether he may share it."""
    record = get_record(service, principal, record_type, record_id)
    access = Access(principal, record_type)
    query = select(record_share).where(
        record_share.c.record_id == record_id, record_share.c.object == record_type.name,
        or_(record_share.c.expires_at.is_(None), record_share.c.expires_at > utcnow()))
    with service.db.read() as connection:
        rows = connection.execute(query.order_by(record_share.c.at, record_share.c.id).limit(MAX_SHARES)).all()
    directory = service.directory.snapshot()
    return {"items": [show_share(directory, row, principal.locale) for row in rows],
            "may_share": access.policy.allows("update") and access.owns(record)}


def show_share(directory: Snapshot, row: Any, locale: str) -> dict[str, Any]:
    """A share as the API shows it."""
    return {"id": row.id, "grantee": row.grantee, "grantee_name": grantee_name(directory, row.grantee, locale),
            "level": row.level, "team": row.team, "expires_at": to_wire(row.expires_at) if row.expires_at else None,
            "by": {"id": row.by_id, "name": row.by_name} if row.by_id else None, "at": to_wire(row.at)}
