"""Values that are taken from elsewhere while a record is written: from what a reference leads to, or looked up.

Everything is asked for many rows at once: one question per fill, whatever the number of rows. The caller gets only what
he may read there; what he may not see fills in nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from chassis.auth.principal import Principal
from services.customer.model.composition import inputs_of
from services.customer.model.faults import BadValueError
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.lines.family import Kind
from services.customer.usecases.values import blanks_of

if TYPE_CHECKING:
    from chassis.service import Service

MOST_FOUND = 5000
Filled = list[Record]


def fill_new_lines(service: Service, connection: Connection, principal: Principal, kind: Kind, parent: Record,
                   rows: Sequence[Record]) -> Filled:
    """New lines with what can be filled in where nothing is given."""
    if not kind.type.definition.fills or not rows:
        return [dict(row) for row in rows]
    blanks = blanks_of(Access(principal, kind.type)).defaults
    found = fill(service, connection, principal, kind.type, [blanks | row for row in rows], parent=parent)
    return [{**filled, **row} for filled, row in zip(found, rows, strict=True)]


def fill(service: Service, connection: Connection, principal: Principal, record_type: RecordType,
         rows: Sequence[Record], *, parent: Record | None = None, changed: Collection[str] | None = None) -> Filled:
    """For each row the values that its object's fills give; with `changed` only of fills that depend on one of these.

    `parent` is the record that the rows are lines of, as it stands or is being written. A later fill wins. A value that
    its field cannot hold asks for nothing; whoever writes the row will say so.
    """
    found: Filled = [{} for _ in rows]
    told = record_type.definition.line_of
    asked = [_questions(record_type, row, parent, told["reference"] if told else "") for row in rows]
    for one in record_type.definition.fills:
        if changed is None or not inputs_of(one).isdisjoint(changed):
            target = _target(service, principal, record_type, one)
            if target is not None:
                _apply(connection, target, one, asked, found)
    writers = Access(principal, record_type).shape.writers
    return [{name: value for name, value in row.items() if name in writers} for row in found]


def canonical(record_type: RecordType, row: Record) -> Record:
    """The values of a row that are fields of the object and can be held by them."""
    values: Record = {}
    for name, value in row.items():
        field = record_type.fields.get(name)
        if field is not None and value is not None:
            with suppress(BadValueError):
                values[name] = field.coerce(value)
    return values


def _questions(record_type: RecordType, row: Record, parent: Record | None, reference: str) -> Record:
    """What a fill may ask of a row: its own values in canonical form, and its parent's by their path."""
    above = {f"{reference}.{name}": value for name, value in (parent or {}).items()}
    return canonical(record_type, row) | above


def _target(service: Service, principal: Principal, record_type: RecordType, one: Mapping[str, Any]) -> Access | None:
    """The caller's access to where a fill looks; None when he may not read there, or nothing is there."""
    field = record_type.fields.get(one.get("reference", ""))
    name = one.get("object") or (field.target if field is not None else None)
    target = service.parts["types"].find(name) if name else None
    access = Access(principal, target) if target is not None else None
    return access if access is not None and access.policy.allows("read") else None


def _apply(connection: Connection, access: Access, one: Mapping[str, Any], asked: Sequence[Record],
           found: Filled) -> None:
    if "reference" in one:
        ids = {row[one["reference"]] for row in asked if row.get(one["reference"])}
        records = {record["id"]: record for record in _read(connection, access, {"id": ids})} if ids else {}
        chosen = [records.get(row.get(one["reference"])) for row in asked]
    else:
        chosen = _looked_up(connection, access, one, asked)
    for row, record in zip(found, chosen, strict=True):
        if record is not None:
            row.update({name: record[source] for name, source in one["set"].items()
                        if source in access.shape.readable and record.get(source) is not None})


def _looked_up(connection: Connection, access: Access, one: Mapping[str, Any],
               asked: Sequence[Record]) -> list[Record | None]:
    wanted = {name: {row[path] for row in asked if row.get(path) is not None} for name, path in one["match"].items()}
    known = wanted.keys() <= access.record_type.columns.keys() and all(wanted.values())
    records = _read(connection, access, wanted) if known else []
    return [_best(one, records, row) for row in asked]


def _read(connection: Connection, access: Access, wanted: Mapping[str, Collection[str]]) -> list[Record]:
    record_type, condition = access.record_type, access.where()
    query = record_type.selection
    for name, values in wanted.items():
        query = query.where(record_type.columns[name].in_(sorted(values)))
    query = query if condition is None else query.where(condition)
    return [record_type.load(row) for row in connection.execute(query.limit(MOST_FOUND))]


def _best(one: Mapping[str, Any], records: Sequence[Record], row: Record) -> Record | None:
    """The record that fits: valid on the day, the highest tier that is reached, then the one valid since last."""
    fitting = [record for record in records
               if all(row.get(path) is not None and record[name] == row[path] for name, path in one["match"].items())
               and _is_valid(one.get("valid"), record, row) and _is_reached(one.get("tier"), record, row)]
    return max(fitting, key=lambda record: _rank(one, record), default=None)


def _is_valid(valid: Mapping[str, str] | None, record: Record, row: Record) -> bool:
    day = row.get(valid["at"]) if valid else None
    if valid is None or day is None:
        return True
    since, until = record.get(valid["from"]), record.get(valid["to"])
    return (since is None or since <= day) and (until is None or day <= until)


def _is_reached(tier: Mapping[str, str] | None, record: Record, row: Record) -> bool:
    least = record.get(tier["field"]) if tier else None
    if tier is None or least is None:
        return True
    return row.get(tier["by"]) is not None and Decimal(least) <= Decimal(row[tier["by"]])


def _rank(one: Mapping[str, Any], record: Record) -> tuple[Decimal, str]:
    tier, valid = one.get("tier"), one.get("valid")
    return (Decimal(record.get(tier["field"]) or 0) if tier else Decimal(0),
            (record.get(valid["from"]) or "") if valid else "")
