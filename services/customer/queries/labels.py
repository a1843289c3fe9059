"""Names for ids: what people read instead of the ids of colleagues, departments and other records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from chassis.auth.principal import Principal
from services.customer.model.types import LINK_TYPES
from services.customer.store.record_type import SYSTEM_KINDS, Record, RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.links import targets_of

if TYPE_CHECKING:
    from chassis.service import Service


def add_labels(service: Service, principal: Principal, record_type: RecordType,
               records: Sequence[Record]) -> list[Record]:
    """The records, each with `_labels`: member → name, for the links that it shows and that have a name.

    A list of references has names for its ids, by id.
    """
    masks = Access(principal, record_type).shape.masks
    titles = _reference_titles(service, principal, record_type, records)
    people = service.directory.snapshot()
    bodies = {"user": people.users, "department": people.departments}
    kinds = {**SYSTEM_KINDS, **{name: field.type for name, field in record_type.fields.items()}}
    labelled = []
    for record in records:
        labels = {}
        for member, value in record.items():
            if value is None or kinds[member] not in LINK_TYPES or member in masks:
                continue
            if isinstance(value, list):
                known = titles.get(member, {})
                named: Any = {one: known[one] for one in value if one in known}
            else:
                named = titles.get(member, {}).get(value) or _name(bodies.get(kinds[member], {}), value)
            if named:
                labels[member] = named
        labelled.append({**record, "_labels": labels})
    return labelled


def titles_of(connection: Connection, principal: Principal, target: RecordType, ids: set[str]) -> dict[str, str]:
    """id → title of the records that the caller may read."""
    access = Access(principal, target)
    title = target.definition.title_field
    if not ids or not access.policy.allows("read") or title not in access.shape.readable:
        return {}
    query = select(target.table.c.id, target.columns[title]).where(target.table.c.id.in_(sorted(ids)))
    condition = access.where()
    rows = connection.execute(query if condition is None else query.where(condition))
    return {row[0]: row[1] for row in rows if row[1]}


def _name(bodies: Mapping[str, Mapping[str, Any]], id: str) -> str | None:
    body = bodies.get(id)
    return body["name"] if body else None


def _reference_titles(service: Service, principal: Principal, record_type: RecordType,
                      records: Sequence[Record]) -> dict[str, dict[str, str]]:
    wanted: dict[str, set[str]] = {}
    masks = Access(principal, record_type).shape.masks
    fields = [field for field in (*record_type.references, *record_type.lists_of_references)
              if field.name not in masks]
    for field in fields:
        ids = {one for record in records for one in targets_of(record.get(field.name))}
        if ids and field.target:
            wanted.setdefault(field.target, set()).update(ids)
    if not wanted:
        return {}
    types = service.parts["types"]
    with service.db.read() as connection:
        found = {target: titles_of(connection, principal, types.get(target), ids) for target, ids in wanted.items()}
    return {field.name: found[field.target] for field in fields if field.target in found}
