"""The bin of records: what somebody deleted can come back for some days.

A record in the bin exists for nobody, so what it pointed at may go and its unique values may be taken meanwhile. When
it comes back, links that lead nowhere any more are left out; lists that named it name it again. Lines that were
deleted with their record come back with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select
from sqlalchemy.exc import IntegrityError

from chassis.auth.principal import Principal
from chassis.clock import to_wire, utcnow
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from chassis.ids import is_id
from services.customer.model.faults import BadValueError
from services.customer.model.fields import FieldDef
from services.customer.model.types import REFERENCE_TYPES
from services.customer.store.duplicates.pairs import bring_pairs_back
from services.customer.store.files.attachments import DROPPED, lock_attachments
from services.customer.store.record_bin import (
    lines_in_bin,
    locked_in_bin,
    old_in_bin,
    put_in_bin,
    take_from_bin,
    take_lines_from_bin,
)
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.bring_back import bring_back
from services.customer.usecases.calculations.values import apply_formulas
from services.customer.usecases.edits import lock_records, write_edits
from services.customer.usecases.lines.family import MAX_LINES, as_parent, kinds_of
from services.customer.usecases.lines.totals import count_anew
from services.customer.usecases.links import targets_of
from services.customer.usecases.locks import Above
from services.customer.usecases.merging.references import in_full
from services.customer.usecases.refusals import integrity_problem

if TYPE_CHECKING:
    from chassis.service import Service

_PIECE = 1000
_MOST_PIECES = 50


def keep_in_bin(service: Service, uow: UnitOfWork, principal: Principal, object_name: str, gone: Sequence[Record],
                named: Mapping[str, Any], pairs: Mapping[str, Any], along: str | None = None) -> None:
    """Put deleted records into the bin; `named` are, by id, the lists that named them, `pairs` their duplicates.

    They are lines that went with their record when `along` names their field that points at it.
    """
    if not service.settings.record_bin_days or not gone:
        return
    put_in_bin(uow, [{"record_id": record["id"], "object": object_name, "at": utcnow(), "by_id": principal.user_id,
                      "by_name": principal.name, "owner_id": record["owner_id"],
                      "department_id": record["department_id"], "record": record,
                      "lists": named.get(record["id"], []), "pairs": pairs.get(record["id"]),
                      "with_id": record[along] if along else None}
                     for record in gone])


def restore_from_bin(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType,
                     record_id: str) -> tuple[Record, list[str]]:
    """Bring a record back; returns it and the fields whose links or files are gone. Raises 403, 404 and 409."""
    access = Access(principal, record_type)
    access.need("create")
    row = _found(uow, access, record_id)
    problem = Above(service, uow, principal, record_type, given=[row.record]).problem(row.record)
    if problem is not None:
        raise problem
    restored = _restored(service, uow, principal, record_type, row)
    _restore_lines(service, uow, principal, record_type, record_id)
    return restored


def _restored(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType,
              row: Row[Any]) -> tuple[Record, list[str]]:
    old = {name: row.record.get(name) for name in record_type.members}
    lost = _without_what_is_gone(service, uow, record_type, old)
    owner = service.directory.snapshot().users.get(old["owner_id"] or "", {})
    old["department_id"] = owner.get("department_id")
    apply_formulas(service, uow, record_type, [old])
    try:
        record = bring_back(uow, record_type, principal, old, {"from_bin": to_wire(row.at)})
    except IntegrityError as error:
        raise integrity_problem(error, record_type) from error
    _name_again(service, uow, principal, row.record_id, row.lists)
    bring_pairs_back(uow, record_type, row.pairs)
    take_from_bin(uow, [row.record_id])
    return record, lost


def _restore_lines(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType,
                   record_id: str) -> None:
    for kind in kinds_of(service, record_type).values():
        caller, lines = as_parent(principal, record_type, kind), []
        while rows := lines_in_bin(uow, kind.name, record_id, MAX_LINES):
            for row in rows:
                lines.append(_restored(service, uow, caller, kind.type, row)[0])
                _restore_lines(service, uow, caller, kind.type, row.record_id)
        count_anew(service, uow, kind.type, lines)


def purge_from_bin(uow: UnitOfWork, principal: Principal, record_type: RecordType, record_id: str) -> None:
    """Let go of a record and its lines for good; raises 403 and 404."""
    _found(uow, Access(principal, record_type), record_id)
    take_from_bin(uow, [record_id])
    take_lines_from_bin(uow, record_id)


def purge_old_records(service: Service) -> None:
    """Let go of what has been in the bin long enough."""
    limit = utcnow() - timedelta(days=service.settings.record_bin_days)
    for _ in range(_MOST_PIECES):
        with service.db.unit_of_work() as uow:
            ids = old_in_bin(uow, limit, _PIECE)
            take_from_bin(uow, ids)
        if len(ids) < _PIECE:
            return


def _found(uow: UnitOfWork, access: Access, record_id: str) -> Any:
    access.need("delete")
    row = locked_in_bin(uow, access.record_type.name, record_id) if is_id(record_id) else None
    if row is None or not access.owns(row.record):
        raise Problem(404, "not_in_bin")
    return row


def _without_what_is_gone(service: Service, uow: UnitOfWork, record_type: RecordType, old: Record) -> list[str]:
    """Take out of the values what does not exist any more; returns the fields that lost something."""
    lost = []
    for name, field in record_type.fields.items():
        value = old[name]
        if value is None:
            continue
        if field.type in REFERENCE_TYPES:
            kept = _standing(service, uow, field.target, targets_of(value), old["id"])
        elif field in record_type.file_fields:
            kept = _kept_files(uow, value, old["id"])
        elif not field.row.given or _fits(field, value):
            continue
        else:
            kept = []
        if len(kept) < len(value if isinstance(value, list) else [value]):
            old[name] = (kept or None) if isinstance(value, list) else None
            lost.append(name)
    return lost


def _fits(field: FieldDef, value: Any) -> bool:
    """Whether a value from before is still one of the field: its type may have been changed since."""
    try:
        field.coerce(value)
    except BadValueError:
        return False
    return True


def _standing(service: Service, uow: UnitOfWork, target: str | None, ids: list[str], own: str) -> list[str]:
    there = service.parts["types"].find(target)
    if there is None:
        return []
    found = {*uow.execute(select(there.table.c.id).where(there.table.c.id.in_(ids))).scalars(), own}
    return [one for one in ids if one in found]


def _kept_files(uow: UnitOfWork, files: list[Record], record_id: str) -> list[Record]:
    known = lock_attachments(uow.connection, sorted(one["id"] for one in files))
    return [one for one in files if one["id"] in known and known[one["id"]].state == DROPPED
            and known[one["id"]].record_id == record_id]


def _name_again(service: Service, uow: UnitOfWork, principal: Principal, record_id: str,
                lists: Sequence[Sequence[str]]) -> None:
    """Lists that named the record before, and are still there, name it again, in its place."""
    for object_name, holder_id, field, *whole in lists:
        source = service.parts["types"].find(object_name)
        if source is None or field not in source.link_tables:
            continue
        access = Access(in_full(principal), source)
        for holder in lock_records(uow, access, [holder_id]).values():
            now = holder[field] or []
            if record_id not in now:
                place = _place(now, whole[0] if whole else now, record_id)
                write_edits(service, uow, access, [(holder, {field: [*now[:place], record_id, *now[place:]]})])


def _place(now: list[str], before: list[str], record_id: str) -> int:
    """Where a record stands in a list: behind what stood before it; at the end of one that did not name it."""
    ahead = before[:before.index(record_id)] if record_id in before else now
    return max((now.index(one) + 1 for one in ahead if one in now), default=0)
