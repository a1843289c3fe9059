"""Links must lead somewhere: people and departments must exist, records must be visible to who links to them.

The links of all rows of one write are collected first, so a thousand rows cost one question per target
object.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from chassis.auth.principal import Principal
from chassis.db import UnitOfWork
from services.customer.model.faults import Fault, pointer_to
from services.customer.model.types import LINK_TYPES
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access

if TYPE_CHECKING:
    from chassis.service import Service

_CHUNK = 500


def check_links(service: Service, uow: UnitOfWork, access: Access, rows: Sequence[Record],
                faults: Sequence[list[Fault]]) -> None:
    """Add a fault to each row's list for each of its links that leads nowhere."""
    kinds = {name: field.type for name, field in access.record_type.fields.items() if field.type in LINK_TYPES}
    kinds["owner_id"] = "user"
    people = service.directory.snapshot()
    active = _active(people.users, kinds, rows)
    known_records = _visible_targets(service, uow, access, rows)
    for name, kind in kinds.items():
        known: Container[str] = active if kind == "user" else known_records.get(name, people.departments)
        for row, found in zip(rows, faults, strict=True):
            if (value := row.get(name)) is not None and not all(one in known for one in targets_of(value)):
                found.append(Fault(pointer_to(name), f"unknown_{kind}"))


def _active(users: Mapping[str, Mapping[str, Any]], kinds: Mapping[str, str], rows: Sequence[Record]) -> set[str]:
    """Those of the people that rows name who are active."""
    named = {row.get(name) for name, kind in kinds.items() if kind == "user" for row in rows}
    return {id for id in named if id in users and users[id].get("active")}


def _visible_targets(service: Service, uow: UnitOfWork, access: Access, rows: Sequence[Record]) -> dict[str, set[str]]:
    visible: dict[str, set[str]] = {}
    for field in (*access.record_type.references, *access.record_type.lists_of_references):
        wanted = {one for row in rows if (value := row.get(field.name)) is not None for one in targets_of(value)}
        target = service.parts["types"].find(field.target)
        asked = target is not None and wanted
        visible[field.name] = visible_ids(uow.connection, access.principal, target, wanted) if asked else set()
    return visible


def targets_of(value: Any) -> list[str]:
    """The ids of a reference or a list of them."""
    return value if isinstance(value, list) else [value] if value is not None else []


def visible_ids(connection: Connection, principal: Principal, record_type: RecordType,
                ids: Iterable[str], asked: Iterable[str] = ()) -> set[str]:
    """Which of the ids are records that the caller may read, without a mask over the fields that are asked."""
    access = Access(principal, record_type)
    access.asked.update(asked)
    if not access.policy.allows("read"):
        return set()
    wanted, found, condition = sorted(ids), set(), access.where()
    for start in range(0, len(wanted), _CHUNK):
        column: Any = record_type.table.c.id
        query = select(column).where(column.in_(wanted[start:start + _CHUNK]))
        found.update(connection.execute(query if condition is None else query.where(condition)).scalars())
    return found


def people_in(record_type: RecordType, rows: Iterable[Any]) -> set[str]:
    """The ids of people that raw values speak of."""
    names = [name for name, field in record_type.fields.items() if field.type == "user"] + ["owner_id"]
    return {row[name].lower() for row in rows if isinstance(row, dict)
            for name in names if isinstance(row.get(name), str)}
