"""Everything that points at a record, whatever its object and whoever owns it, is led to another one.

It is written like any other change: with history, search entries, versions and events, in the name of who merges.
What he may see does not matter here, because afterwards the old record is gone for everybody.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from chassis.auth.principal import EVERYTHING, Principal
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from services.customer.store.record_type import RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.update_records import lock_records, write_edits

if TYPE_CHECKING:
    from chassis.service import Service

MOST = 20_000
_PIECE = 500
Moved = list[list[str]]


def in_full(principal: Principal) -> Principal:
    """The same person, with every right: for what a merge does by itself."""
    return replace(principal, policy_of=lambda _: EVERYTHING)


def move_references(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType,
                    old: str, new: str) -> Moved:
    """Lead what points at `old` to `new`; returns [object, record, field] of each; 409 when there are many."""
    moved: Moved = []
    for source, name in _fields_to(service, record_type.name):
        ids = list(uow.execute(select(source.table.c.id).where(source.columns[name] == old)
                               .order_by(source.table.c.id).limit(MOST + 1)).scalars())
        ids = [id for id in ids if id not in (old, new)]
        if len(moved) + len(ids) > MOST:
            raise Problem(409, "too_many_references", params={"max": MOST})
        point_at(service, uow, principal, source, name, ids, old, new)
        moved += [[source.name, id, name] for id in ids]
    return moved


def point_at(service: Service, uow: UnitOfWork, principal: Principal, source: RecordType, name: str,
             ids: list[str], old: str, new: str) -> None:
    """Change the field of these records, where it still points at `old`."""
    access = Access(in_full(principal), source)
    for start in range(0, len(ids), _PIECE):
        standing = lock_records(uow, access, ids[start:start + _PIECE])
        write_edits(service, uow, access, [(record, {name: new}) for record in standing.values()
                                           if record[name] == old])


def _fields_to(service: Service, object_name: str) -> list[tuple[RecordType, str]]:
    types: dict[str, Any] = service.parts["types"].renewed()
    return [(one, field.name) for one in sorted(types.values(), key=lambda one: one.name)
            for field in one.references if field.target == object_name]
