"""What one person sees of changes that a service has heard of: the service tells others on his behalf.

A change is judged by the state that it left: by the person's scopes on the record itself, and by what was shared with
him as it stands now. What he does not see is null; of the rest he gets what he would read, masks included, and of the
former values those of fields that he reads. A deleted record is seen by scope and by rule; shares went with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chassis.auth.people import principal_of
from chassis.http.problem import Problem
from chassis.ids import is_id
from services.customer.model.faults import Fault
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.refusals import refusal

if TYPE_CHECKING:
    from chassis.service import Service

MAX_CHANGES = 500


def seen_changes(service: Service, record_type: RecordType, person: Any,
                 changes: Any) -> list[dict[str, Any] | None]:
    """For each change `{"after", "before"}` the same as the person sees it, or None; raises 409 when he has left."""
    given = _checked(changes)
    access = access_of(service, record_type, person)
    if not access.policy.allows("read"):
        return [None] * len(given)
    records = [_whole(record_type, change["after"]) for change in given]
    with service.db.read() as connection:
        seen = access.among(connection, records)
    return [_shown(access, record, change.get("before") or {}) if record["id"] in seen else None
            for record, change in zip(records, given, strict=True)]


def _checked(changes: Any) -> Sequence[Mapping[str, Any]]:
    if not isinstance(changes, list) or len(changes) > MAX_CHANGES:
        raise refusal([Fault("/changes", "bad_list", {"max": MAX_CHANGES})])
    faults = [Fault(f"/changes/{place}", "not_an_object") for place, one in enumerate(changes)
              if not isinstance(one, dict) or not isinstance(one.get("after"), dict)
              or not isinstance(one.get("before") or {}, dict) or not is_id(one["after"].get("id"))]
    if faults:
        raise refusal(faults)
    return changes


def access_of(service: Service, record_type: RecordType, person: Any) -> Access:
    """A person's access, for a service that acts for him; raises 409 when he has left."""
    user = service.directory.user(person) if is_id(person) else None
    if user is None or not user["active"]:
        raise Problem(409, "person_gone")
    return Access(principal_of(service.directory.snapshot(), service.settings, user), record_type)


def _whole(record_type: RecordType, after: Mapping[str, Any]) -> Record:
    """The record with every member that the object has today, so that a condition finds what it asks for."""
    return {name: after.get(name) for name in record_type.members}


def _shown(access: Access, record: Record, before: Mapping[str, Any]) -> dict[str, Any]:
    known = {name: value for name, value in before.items() if name in record}
    former = access.as_seen(record).show({**record, **known})
    return {"after": access.show(record), "before": {name: former[name] for name in known if name in former}}
