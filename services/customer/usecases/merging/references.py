"""Everything that points at a record, whatever its object and whoever owns it, is led to another one.

It is written like any other change: with history, search entries, versions and events, in the name of who merges.
What he may see does not matter here, because afterwards the old record is gone for everybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from chassis.auth.principal import EVERYTHING, Principal
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from services.customer.store.link_tables import pointing_at
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.edits import lock_records, write_edits

if TYPE_CHECKING:
    from chassis.service import Service

MOST = 20_000
_PIECE = 500
Moved = list[list[Any]]


def in_full(principal: Principal) -> Principal:
    """The same person, with every right: for what a merge does by itself."""
    return replace(principal, policy_of=lambda _: EVERYTHING)


def move_references(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType,
                    old: str, new: str) -> Moved:
    """Lead what points at `old` to `new`; 409 when there is too much of it.

    Returns [object, record, field] of each, for lists of references with the whole list as it was.
    """
    moved: Moved = []
    for source, name in _fields_to(service, record_type.name):
        ids = uow.execute(select(source.table.c.id).where(source.columns[name] == old)
                          .order_by(source.table.c.id).limit(MOST + 1)).scalars()
        ids = _others(ids, (old, new), moved)
        point_at(service, uow, principal, source, name, ids, old, new)
        moved += [[source.name, id, name] for id in ids]
    for source, name in _lists_to(service, record_type.name):
        ids = _others(pointing_at(uow.connection, source.link_tables[name], [old], MOST + 1), (old, new), moved)
        for record in _locked(uow, principal, source, ids):
            moved.append([source.name, record["id"], name, record[name]])
            _write(service, uow, principal, source, record, {name: led(record[name], old, new)})
    return moved


def point_at(service: Service, uow: UnitOfWork, principal: Principal, source: RecordType, name: str,
             ids: Sequence[str], old: str, new: str) -> None:
    """Change the field of these records, where it still points at `old`."""
    access = Access(in_full(principal), source)
    for start in range(0, len(ids), _PIECE):
        standing = lock_records(uow, access, ids[start:start + _PIECE])
        write_edits(service, uow, access, [(record, {name: new}) for record in standing.values()
                                           if record[name] == old])


def lists_back(service: Service, uow: UnitOfWork, principal: Principal, source: RecordType,
               lines: Sequence[Sequence[Any]], old: str, new: str) -> None:
    """Give lists back what they held before, unless somebody has changed them since."""
    before = {id: (name, held) for _, id, name, held in lines}
    for record in _locked(uow, principal, source, sorted(before)):
        name, held = before[record["id"]]
        if record.get(name) == led(held, old, new):
            _write(service, uow, principal, source, record, {name: held})


def led(held: Sequence[str], old: str, new: str) -> list[str]:
    """The list with `new` in the place of `old`, each once."""
    return list(dict.fromkeys(new if one == old else one for one in held))


def _others(ids: Iterable[str], pair: tuple[str, str], moved: Moved) -> list[str]:
    found = sorted(id for id in ids if id not in pair)
    if len(moved) + len(found) > MOST:
        raise Problem(409, "too_many_references", params={"max": MOST})
    return found


def _locked(uow: UnitOfWork, principal: Principal, source: RecordType, ids: Sequence[str]) -> Iterator[Record]:
    access = Access(in_full(principal), source)
    for start in range(0, len(ids), _PIECE):
        yield from lock_records(uow, access, ids[start:start + _PIECE]).values()


def _write(service: Service, uow: UnitOfWork, principal: Principal, source: RecordType, record: Record,
           values: Record) -> None:
    write_edits(service, uow, Access(in_full(principal), source), [(record, values)])


def _fields_to(service: Service, object_name: str) -> list[tuple[RecordType, str]]:
    return [(one, field.name) for one in _types(service) for field in one.references if field.target == object_name]


def _lists_to(service: Service, object_name: str) -> list[tuple[RecordType, str]]:
    return [(one, field.name) for one in _types(service) for field in one.lists_of_references
            if field.target == object_name]


def _types(service: Service) -> list[RecordType]:
    return sorted(service.parts["types"].renewed().values(), key=lambda one: one.name)
