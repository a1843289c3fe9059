"""Give a record, or some of its fields, back what stood there at a moment.

It is a change like any other: the caller's rights, the rules of the fields and the links are judged as of today, rules
act on it, and the history says to which moment it went back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chassis.auth.principal import Principal
from chassis.clock import to_wire
from chassis.db import UnitOfWork
from chassis.http.problem import Problem, not_found
from services.customer.model.faults import Fault
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.back_then import reconstruct
from services.customer.usecases.edits import lock_records
from services.customer.usecases.refusals import refusal
from services.customer.usecases.update_records import Patch, update_records

if TYPE_CHECKING:
    from chassis.service import Service


def restore_record(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType, record_id: str,
                   at: datetime, fields: Sequence[Any] | None, version: int | None) -> Record:
    """Restore the named fields, or all that the caller may write; raises 403, 404, 409, 412 and 422."""
    access = Access(principal, record_type)
    access.need("update")
    _check(access, fields)
    now = lock_records(uow, access, [record_id]).get(record_id)
    if now is None:
        raise not_found()
    then = reconstruct(uow.connection, now, at)
    if then.record is None:
        raise Problem(409, "was_not_there")
    names = [name for name in access.shape.writers if name in access.shape.readable] if fields is None else fields
    if fields is None and not access.owns(now):  # who sees it by a share does not give it away
        names = [name for name in names if name != "owner_id"]
    values = {name: then.record[name] for name in names if then.record[name] != now[name]}
    patch = Patch(record_id, values, version)
    return update_records(service, uow, principal, record_type, [patch], note={"restored_to": to_wire(at)})[0].unwrap()


def _check(access: Access, fields: Sequence[Any] | None) -> None:
    shape = access.shape
    faults = [Fault(f"/fields/{place}", "read_only" if isinstance(name, str) and name in shape.readable
                    else "unknown_field", {"field": str(name)[:100]})
              for place, name in enumerate(fields or ())
              if not isinstance(name, str) or name not in shape.writers or name not in shape.readable]
    if faults:
        raise refusal(faults)
