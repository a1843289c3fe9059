"""The review queue: pairs of records that look alike, with both records and the reasons, for who may see both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, select

from chassis.auth.principal import Principal
from chassis.clock import to_wire
from services.customer.queries.duplicates import reason_shown
from services.customer.queries.labels import add_labels
from services.customer.store.duplicates.tables import duplicate_pair, duplicate_scan
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access

if TYPE_CHECKING:
    from chassis.service import Service

_SHOWN = 8


def pairs_query(record_type: RecordType, principal: Principal, state: str) -> Select[Any]:
    """The pairs in a state whose records the caller both sees, unmasked; to be paged by score."""
    access = Access(principal, record_type)
    access.need("read")
    access.asked |= access.masked_in_pools  # that two records are alike tells what a mask hides
    query = select(duplicate_pair).where(duplicate_pair.c.object == record_type.name, duplicate_pair.c.state == state)
    condition = access.where()
    if condition is None:
        return query
    visible = select(record_type.table.c.id).where(condition)
    return query.where(duplicate_pair.c.one.in_(visible), duplicate_pair.c.other.in_(visible))


def show_pairs(service: Service, principal: Principal, record_type: RecordType, rows: Sequence[Any]) -> list[Record]:
    """Pairs as the API shows them: the reasons in the caller's language, without fields that he may not read."""
    access = Access(principal, record_type)
    records = _records(service, access, {id for row in rows for id in (row.one, row.other)})
    return [{"id": row.id, "score": row.score / 1000, "state": row.state,
             "decided_by": row.decided_by, "decided_at": to_wire(row.decided_at) if row.decided_at else None,
             "reasons": [reason_shown(*one, principal.locale) for one in row.reasons
                         if one[0] in access.shape.readable],
             "records": [records[row.one], records[row.other]]}
            for row in rows if row.one in records and row.other in records]


def show_scan(connection: Connection, record_type: RecordType) -> Record | None:
    """The latest scan of an object."""
    row = connection.execute(select(duplicate_scan).where(duplicate_scan.c.object == record_type.name)).first()
    return row and {"id": row.id, "state": row.state, "records": row.records, "pairs": row.pairs,
                    "started_at": to_wire(row.started_at),
                    "finished_at": to_wire(row.finished_at) if row.finished_at else None}


def _records(service: Service, access: Access, ids: set[str]) -> dict[str, Record]:
    record_type = access.record_type
    query = record_type.selection.where(record_type.table.c.id.in_(sorted(ids)))
    with service.db.read() as connection:
        found = [access.show(record_type.load(row)) for row in connection.execute(query)] if ids else []
    return {one["id"]: one for one in add_labels(service, access.principal, record_type, found)}
