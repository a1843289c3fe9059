"""Lines go with their parent: deleted with it, and owned by whoever owns it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from chassis.auth.principal import EVERYTHING, Principal
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from services.customer.store.record_type import RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.edits import Edit, lock_records, write_edits
from services.customer.usecases.lines.family import Kind, ids_of_lines, kinds_of

if TYPE_CHECKING:
    from chassis.service import Service

MOST = 20_000
_PIECE = 500


def held_elsewhere(service: Service, connection: Connection, parent: RecordType, ids: Sequence[str]) -> set[str]:
    """Which of the records others than their own lines point at, so that they cannot be deleted."""
    kinds = kinds_of(service, parent)
    found: set[str] = set()
    for other in service.parts["types"].all().values():
        for field in other.references:
            own = other.name in kinds and kinds[other.name].reference == field.name
            if field.target == parent.name and not own:
                column = other.columns[field.name]
                found.update(connection.execute(select(column).where(column.in_(ids)).distinct()).scalars())
    return found


def follow_owners(service: Service, uow: UnitOfWork, principal: Principal, parent: RecordType,
                  edits: Iterable[Edit | None]) -> None:
    """Give the lines of records that have changed hands to their new owners."""
    give_lines(service, uow, principal, parent, {
        edit.after["id"]: edit.after["owner_id"] for edit in edits if edit and "owner_id" in edit.changed})


def give_lines(service: Service, uow: UnitOfWork, principal: Principal, parent: RecordType,
               owners: dict[str, str | None]) -> None:
    """Give the lines of records to the owners of these, by the ids of the records."""
    kinds = kinds_of(service, parent) if owners else {}
    for kind in kinds.values():
        _give(service, uow, principal, parent, kind, owners)


def _give(service: Service, uow: UnitOfWork, principal: Principal, parent: RecordType, kind: Kind,
          moved: dict[str, str | None]) -> None:
    access = Access(replace(principal, policy_of=lambda _: EVERYTHING), kind.type)
    ids = ids_of_lines(uow.connection, kind, sorted(moved), MOST + 1)
    if len(ids) > MOST:
        raise Problem(409, "too_many_lines", params={"max": MOST})
    for start in range(0, len(ids), _PIECE):
        standing = lock_records(uow, access, ids[start:start + _PIECE]).values()
        because = {line["id"]: {"object": parent.name, "id": line[kind.reference]} for line in standing}
        write_edits(service, uow, access, [(line, {"owner_id": moved[line[kind.reference]]}) for line in standing],
                    because)
