"""Write down that somebody agreed to a purpose, refused it or took it back: told to us, or by a link in a message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chassis.auth.principal import Principal
from chassis.clock import from_wire, to_wire, utcnow
from chassis.db import UnitOfWork
from chassis.http.problem import not_found
from chassis.ids import new_id
from services.customer.model.faults import Fault
from services.customer.model.sharing import WRITE
from services.customer.queries.merges import survivor_of
from services.customer.store.consents import consent, latest_of
from services.customer.store.record_type import RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.edits import lock_records
from services.customer.usecases.refusals import only_shared, refusal

if TYPE_CHECKING:
    from chassis.service import Service

BY_LINK = "Unsubscribe link"  # the source of what nobody in the company wrote down
_LONGEST = {"purpose": 60, "source": 200}


def add_consent(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType, record_id: str,
                given: Mapping[str, Any], at: datetime | None) -> None:
    """Add a line; raises 403, 404 and 422."""
    access = Access(principal, record_type)
    access.need("update")
    faults = [Fault(f"/{name}", "required") for name, most in _LONGEST.items()
              if not isinstance(given.get(name), str) or not 0 < len(given[name].strip()) <= most
              or not given[name].isprintable()]
    if not isinstance(given.get("granted"), bool):
        faults.append(Fault("/granted", "not_boolean"))
    now = utcnow()
    if at is not None and at > now:  # no word said until then could take it back
        faults.append(Fault("/at", "too_late", {"max": to_wire(now)}))
    if faults:
        raise refusal(faults)
    standing = lock_records(uow, access, [record_id])
    if record_id not in standing:
        raise not_found()
    if record_id not in access.among(uow.connection, list(standing.values()), WRITE):
        raise only_shared()
    uow.execute(consent.insert(), {
        "record_id": record_id, "at": at or now, "id": new_id(), "object": record_type.name,
        "purpose": given["purpose"].strip(), "granted": given["granted"], "source": given["source"].strip(),
        "by_id": principal.user_id})


def withdraw_consents(uow: UnitOfWork, given: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Take consents back as links in messages say; yields those that count. Who has said no already says nothing new.

    Where the record was merged meanwhile, it counts for the survivor, too.
    """
    for one in given:
        survivor = survivor_of(uow.connection, one["record_id"])
        for id in (one["record_id"], survivor) if survivor else (one["record_id"],):
            latest = latest_of(uow.connection, id, one["purpose"])
            if latest is None or latest.granted:
                uow.execute(consent.insert(), {
                    "record_id": id, "at": from_wire(one["at"]), "id": new_id(), "object": one["object"],
                    "purpose": one["purpose"], "granted": False, "source": BY_LINK, "by_id": None})
                yield {**one, "record_id": id}
