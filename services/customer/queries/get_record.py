"""One record, as far as the caller may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chassis.auth.principal import Principal
from chassis.http.problem import not_found
from chassis.ids import is_id
from services.customer.queries.merges import refuse_merged
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access

if TYPE_CHECKING:
    from chassis.service import Service


def get_record(service: Service, principal: Principal, record_type: RecordType, record_id: str) -> Record:
    """The whole record in wire form; raises 403, 410 with the survivor of a merge, or 404 also when the caller must not
    see it."""
    access = Access(principal, record_type)
    access.need("read")
    if not is_id(record_id):
        raise not_found()
    with service.db.read() as connection:
        rows = record_type.by_id.rows(connection, {"id": record_id})
        record = record_type.load(rows[0]) if rows else None
        seen = record is not None and access.sees(connection, record)
    if record is None:
        refuse_merged(service, access, record_id)
    if record is None or not seen:
        raise not_found()
    return record
