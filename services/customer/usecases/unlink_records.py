"""Take records out of the lists that point at them, before they are deleted.

The list loses the entry as if somebody had edited it: a new version, a line of the history, an event. So every reader
of events stays right, and nobody is stopped from deleting by a list that he may not even see.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from chassis.auth.principal import EVERYTHING, Principal
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from services.customer.model.fields import FieldDef
from services.customer.store.link_tables import pointing_at
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.edits import lock_records, write_edits

if TYPE_CHECKING:
    from chassis.service import Service

MOST = 5000
_PIECE = 500
Named = dict[str, list[list[Any]]]


def unlink_records(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType,
                   ids: Sequence[str]) -> Named:
    """Remove the ids from every list of references; raises 409 when more than `MOST` records would change.

    Returns, by id, [object, record, field, whole list] of each list that named it.
    """
    named: Named = {}
    for source, field in _lists_of(service, record_type.name):
        table = source.link_tables[field.name]
        holders = pointing_at(uow.connection, table, list(ids), MOST + 1)
        if len(holders) > MOST:
            raise Problem(409, "linked_too_often", params={"max": MOST})
        for start in range(0, len(holders), _PIECE):
            piece = sorted(holders)[start:start + _PIECE]
            for record in _shorten(service, uow, principal, source, field, piece, frozenset(ids)):
                for gone in set(record[field.name] or ()).intersection(ids):
                    named.setdefault(gone, []).append([source.name, record["id"], field.name, record[field.name]])
    return named


def _lists_of(service: Service, target: str) -> Iterator[tuple[RecordType, FieldDef]]:
    for source in service.parts["types"].all().values():
        for field in source.lists_of_references:
            if field.target == target:
                yield source, field


def _shorten(service: Service, uow: UnitOfWork, principal: Principal, source: RecordType, field: FieldDef,
             holders: Sequence[str], gone: frozenset[str]) -> list[Record]:
    """Take the ids out of the lists; returns the records as they were."""
    everything = Principal(kind=principal.kind, user_id=principal.user_id, name=principal.name,
                           policy_of=lambda _: EVERYTHING)
    access = Access(everything, source)
    standing = list(lock_records(uow, access, holders).values())
    edits = [(record, {field.name: [one for one in record[field.name] or () if one not in gone] or None})
             for record in standing]
    write_edits(service, uow, access, edits)
    return standing
