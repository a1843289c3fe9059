"""A record as it stood at a moment, and what differs between two moments."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from chassis.auth.principal import Principal
from services.customer.queries.get_record import get_record
from services.customer.store.record_type import RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.back_then import Moment, reconstruct

if TYPE_CHECKING:
    from chassis.service import Service

_WRITTEN_ALWAYS = frozenset({"id", "version", "updated_at", "updated_by"})


def as_of(service: Service, principal: Principal, record_type: RecordType, record_id: str, at: datetime) -> Moment:
    """The whole record as of then, for who sees the record now; raises 403, 404, and 422 when the way is too long."""
    now = get_record(service, principal, record_type, record_id)
    with service.db.read() as connection:
        return reconstruct(connection, now, at)


def differences(access: Access, one: Moment, other: Moment) -> list[dict[str, Any]]:
    """The fields that the caller may read and that differ, with their values at both moments."""
    before, after = one.record or {}, other.record or {}
    masks = access.masks_over(after)
    return [{"field": name, "before": before.get(name), "after": after.get(name)}
            for name in access.record_type.members
            if name in access.shape.readable and name not in masks and name not in _WRITTEN_ALWAYS
            and before.get(name) != after.get(name)]
