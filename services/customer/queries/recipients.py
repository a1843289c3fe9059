"""Whom a campaign writes to: the members of a segment or of a condition, with address and consent, slice by slice.

A campaign reaches what the person who runs it sees: his scope and shares, no field that is hidden or masked for him. Of
a segment, which is the same for everybody, those that he does not see are told as hidden, so that they can be counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, select

from chassis.clock import to_wire
from services.customer.model.faults import Fault
from services.customer.model.segments import SEGMENTS
from services.customer.queries.list_records import scoped
from services.customer.queries.search import read_criteria
from services.customer.queries.seen_records import access_of
from services.customer.store.calculations import load_records
from services.customer.store.consents import latest_among
from services.customer.store.record_type import Record, RecordType
from services.customer.store.segments import segment_member
from services.customer.usecases.access import Access
from services.customer.usecases.refusals import refusal

if TYPE_CHECKING:
    from chassis.service import Service

MOST = 1000


@dataclass(frozen=True)
class Asked:
    """Who asks for which slice; exactly one of `segment` and `criteria` is given."""

    person: str
    object: str
    field: str
    purpose: str
    segment: str | None
    criteria: Mapping[str, Any] | None
    after: str | None
    limit: int


def recipients_slice(service: Service, record_type: RecordType, asked: Asked) -> dict[str, Any]:
    """One slice; raises 403, 404, 409 when the person has left, and 422."""
    access = access_of(service, record_type, asked.person)
    access.need("read")
    _check_field(access, asked.field)
    with service.db.read() as connection:
        ids = _ids(connection, access, asked)
        seen = _seen(connection, access, ids) if asked.segment else set(ids)
        records = load_records(connection, record_type, seen)
        consents = latest_among(connection, ids, asked.purpose)
    return {"items": [_item(access, asked.field, id, records.get(id), consents.get(id)) for id in ids],
            "next": ids[-1] if len(ids) == asked.limit else None}


def _check_field(access: Access, name: str) -> None:
    field = access.record_type.fields.get(name)
    if field is None or field.type != "email" or name not in access.shape.readable:
        raise refusal([Fault("/field", "unknown_field", {"field": name})])
    access.asked.add(name)


def _ids(connection: Connection, access: Access, asked: Asked) -> list[str]:
    """The next ids; those of a segment are all that are in it, others only those that the person sees."""
    criteria = asked.criteria if asked.segment is None else {
        "all": [{"field": SEGMENTS, "op": "has", "value": asked.segment}]}
    if criteria is None or (asked.segment and asked.criteria):
        raise refusal([Fault("/criteria", "required")])
    criterion = read_criteria(access, criteria, "/criteria")
    column: Any = access.record_type.table.c.id if asked.segment is None else segment_member.c.record_id
    query: Select[Any] = scoped(access, select(column), criterion) if asked.segment is None else select(column).where(
        segment_member.c.segment_id == asked.segment)
    if asked.after:
        query = query.where(column > asked.after)
    return list(connection.execute(query.order_by(column).limit(asked.limit)).scalars())


def _seen(connection: Connection, access: Access, ids: Sequence[str]) -> set[str]:
    column: Any = access.record_type.table.c.id
    return set(connection.execute(scoped(access, select(column).where(column.in_(ids)), None)).scalars())


def _item(access: Access, field: str, id: str, record: Record | None, consent: Any) -> dict[str, Any]:
    if record is None or field in access.masks_over(record):
        return {"id": id, "hidden": True, "address": None, "granted": None, "agreed_at": None}
    return {"id": id, "hidden": False, "address": record[field], "granted": consent.granted if consent else None,
            "agreed_at": to_wire(consent.at) if consent else None}
