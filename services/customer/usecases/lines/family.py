"""Who is a line of whom, and the rights of lines: whoever may read or change the parent may do so with its lines.

Fields stay restricted as the caller's roles say for the object of the lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from chassis.auth.principal import EVERYTHING, ObjectPolicy, Principal
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.locks import UNLOCK

if TYPE_CHECKING:
    from chassis.service import Service

MAX_LINES = 500


@dataclass(frozen=True)
class Kind:
    """One kind of line: its record type, the field that points at the parent, the field that keeps the order."""

    type: RecordType
    reference: str
    order: str | None

    @property
    def name(self) -> str:
        """The object of the lines."""
        return self.type.name


def kinds_of(service: Service, parent: RecordType) -> dict[str, Kind]:
    """The kinds of lines that records of an object have, by the object of the lines."""
    return {one.name: one for one in _kinds(service.parts["types"].all(), parent.name)}


def _kinds(types: Mapping[str, RecordType], parent: str) -> Iterator[Kind]:
    for record_type in types.values():
        told = record_type.definition.line_of
        field = record_type.fields.get(told["reference"]) if told else None
        if told and field is not None and field.target == parent:
            order = told["order"] if told["order"] in record_type.fields else None
            yield Kind(record_type, field.name, order)


def as_parent(principal: Principal, parent: RecordType, kind: Kind) -> Principal:
    """The caller as whoever may do with the lines what he has been allowed with their parent."""
    own, above = principal.objects(kind.name), principal.objects(parent.name)
    actions = EVERYTHING.actions if own.allows(UNLOCK) or above.allows(UNLOCK) else EVERYTHING.actions - {UNLOCK}
    policies = {kind.name: ObjectPolicy(actions, EVERYTHING.scopes, _fields(own)),
                parent.name: replace(EVERYTHING, actions=actions)}
    return replace(principal, policy_of=lambda name: policies.get(name) or principal.objects(name))


def _fields(policy: ObjectPolicy) -> dict[str, str]:
    return {name: access for name, access in policy.fields.items() if name != "owner_id"}


def lines_of(connection: Connection, kind: Kind, parent_id: str, most: int = MAX_LINES) -> list[Record]:
    """The lines of a record in their order."""
    columns, record_type = kind.type.columns, kind.type
    order = [columns[kind.order].is_(None), columns[kind.order]] if kind.order else []
    query = record_type.selection.where(columns[kind.reference] == parent_id).order_by(*order, columns["id"])
    return [record_type.load(row) for row in connection.execute(query.limit(most))]


def ids_of_lines(connection: Connection, kind: Kind, parents: Sequence[str], most: int) -> list[str]:
    """The ids of the lines of some records."""
    query = select(kind.type.columns["id"]).where(kind.type.columns[kind.reference].in_(parents))
    return list(connection.execute(query.order_by(kind.type.columns["id"]).limit(most)).scalars())
