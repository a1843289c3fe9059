"""The lines of a record as its reader may see them, and values that fill in others."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import nullcontext
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from chassis.auth.principal import Principal
from chassis.http.problem import Problem
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.lines.family import Kind, as_parent, kinds_of, lines_of
from services.customer.usecases.lines.fill import canonical, fill

if TYPE_CHECKING:
    from chassis.service import Service


def lines_shown(service: Service, principal: Principal, parent: RecordType, record: Record,
                connection: Connection | None = None) -> dict[str, list[Record]]:
    """All lines of a record that the caller has been shown, by their object; within the rights of the parent."""
    kinds = kinds_of(service, parent)
    with service.db.read() if connection is None and kinds else nullcontext(connection) as reading:
        return {name: [_access(principal, parent, kind).show(line) for line in lines_of(reading, kind, record["id"])]
                for name, kind in sorted(kinds.items())}


def _access(principal: Principal, parent: RecordType, kind: Kind) -> Access:
    return Access(as_parent(principal, parent, kind), kind.type)


def fill_values(service: Service, principal: Principal, record_type: RecordType, values: Record,
                parent: Record | None, changed: Collection[str] | None) -> Record:
    """What fills in the values of one record; raises 403 for who may read neither it nor what it is a line of."""
    home = _home(service, record_type)
    allowed = [one for one in (record_type, home) if one and principal.objects(one.name).allows("read")]
    if not allowed:
        raise Problem(403, "action_not_granted", params={"action": "read", "object": record_type.name})
    caller = principal
    if home is not None and home in allowed:
        caller = as_parent(principal, home, kinds_of(service, home)[record_type.name])
    above = canonical(home, parent) if home is not None and parent is not None else None
    with service.db.read() as connection:
        return fill(service, connection, caller, record_type, [values], parent=above, changed=changed)[0]


def _home(service: Service, record_type: RecordType) -> RecordType | None:
    """The object that records of this one are lines of."""
    told = record_type.definition.line_of
    field = record_type.fields.get(told["reference"]) if told else None
    return service.parts["types"].find(field.target) if field is not None else None
