"""Show one masked value: with a permission of its own, for a reason, told to the audit log, so many in an hour.

The entry of the audit log and the count commit with the answer; the value itself is in neither.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from chassis.auditing import Target, tell
from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from chassis.ids import new_id
from services.customer.model.faults import Fault
from services.customer.queries.get_record import get_record
from services.customer.store.record_type import RecordType
from services.customer.store.sharing.tables import unmasking
from services.customer.usecases.access import Access
from services.customer.usecases.refusals import refusal

if TYPE_CHECKING:
    from chassis.service import Service

SHORTEST, LONGEST = 4, 200
_HOUR = timedelta(hours=1)


def unmask_value(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType, record_id: str,
                 field: Any, reason: Any) -> Any:
    """The value behind the mask; raises 403, 404, 422, 429."""
    record = get_record(service, principal, record_type, record_id)
    _check(Access(principal, record_type), field, reason)
    _count(service, uow, principal)
    uow.execute(unmasking.insert(), {
        "id": new_id(), "by_id": principal.user_id, "object": record_type.name, "record_id": record_id,
        "field": field, "reason": reason.strip(), "at": utcnow()})
    tell(uow, principal, "value.unmasked", Target(record_type.name, record_id, record_type.name),
         {"field": field, "reason": reason.strip()})
    return record[field]


def _check(access: Access, field: Any, reason: Any) -> None:
    faults = []
    if not isinstance(field, str) or field not in access.shape.masks:
        faults.append(Fault("/field", "not_masked"))
    if not isinstance(reason, str) or not reason.strip().isprintable() or (
            not SHORTEST <= len(reason.strip()) <= LONGEST):
        faults.append(Fault("/reason", "bad_reason", {"min": SHORTEST, "max": LONGEST}))
    if faults:
        raise refusal(faults)


def _count(service: Service, uow: UnitOfWork, principal: Principal) -> None:
    most = service.settings.unmask_per_hour
    since = select(func.count()).select_from(unmasking).where(
        unmasking.c.by_id == principal.user_id, unmasking.c.at > utcnow() - _HOUR)
    if uow.execute(since).scalar_one() >= most:
        raise Problem(429, "unmask_too_often", params={"max": most}, headers={"Retry-After": "600"})
