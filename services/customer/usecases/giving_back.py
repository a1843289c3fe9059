"""Giving records back what an import or a bulk job took from them, as far as nobody has changed them since.

What to give back stands in the history of each record. A record that somebody has changed since is left alone, whole,
and listed with the reason; what rules and the operation itself did with it does not count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select

from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from services.customer.model.mapping.targets import OWNER
from services.customer.model.sharing import WRITE
from services.customer.store.record_bin import locked_in_bin
from services.customer.store.record_type import Record, RecordType
from services.customer.store.tables import record_change
from services.customer.usecases.access import Access
from services.customer.usecases.delete_records import Removal, delete_records
from services.customer.usecases.edits import lock_records, try_edits
from services.customer.usecases.history import CREATED
from services.customer.usecases.lines.follow import give_lines
from services.customer.usecases.locks import NONE, UNLOCK, Above, is_locked
from services.customer.usecases.record_bin import restore_from_bin

if TYPE_CHECKING:
    from chassis.service import Service

Written = Sequence[Any]  # its number, id of the record, its version afterwards, perhaps more
CHANGED, GONE, IN_USE, CLASH, LOCKED = "undo_changed", "undo_gone", "undo_in_use", "undo_clash", "undo_locked"
_AUTOMATIC = ("rule", "process", "system")
_ASKED_AT_ONCE = 400


@dataclass
class Done:
    """What became of some records."""

    deleted: int = 0
    restored: int = 0
    kept: list[tuple[Written, str]] = field(default_factory=list)


def give_back(service: Service, uow: UnitOfWork, access: Access, operation_id: str, written: Sequence[Written],
              done: Done) -> None:
    """Take new records away and give changed ones what they had; `operation_id` is the origin of what it did.

    Locked records are left alone unless the caller may unlock them, which he may within his scopes.
    """
    ids = [one[1] for one in written]
    may_unlock = access.policy.allows(UNLOCK)
    above = Above(service, uow, access.principal, access.record_type, ids=ids)
    standing, lines = lock_records(uow, access, ids, WRITE), _history(uow, ids)
    removals: list[Written] = []
    edits: list[tuple[Written, Record, Record]] = []
    for one in reversed(written):
        _, record_id, version = one[:3]
        record, since = standing.get(record_id), [line for line in lines.get(record_id, ()) if line.version >= version]
        reason = _reason(access.record_type, operation_id, record, since, version)
        if record is not None and not reason and not (may_unlock and access.owns(record)) and (
                is_locked(access.record_type, record) or above.problem(record)):
            reason = LOCKED
        if record is None or reason:
            done.kept.append((one, reason or GONE))
        elif since[0].action == CREATED:
            removals.append(one)
        else:
            edits.append((one, record, _as_before(access.record_type, since[0].changes)))
    _restore(service, uow, access, edits, done)
    _remove(service, uow, access, removals, done)


def bring_back(service: Service, uow: UnitOfWork, access: Access, written: Sequence[Written], done: Done) -> None:
    """Bring records back that were deleted, out of the bin; one that was deleted anew since is left alone."""
    for one in reversed(written):
        _, record_id, version = one[:3]
        binned = locked_in_bin(uow, access.record_type.name, record_id)
        if binned is None or binned.record["version"] + 1 != version:
            done.kept.append((one, CHANGED if binned else GONE))
            continue
        try:
            with uow.savepoint():
                restore_from_bin(service, uow, access.principal, access.record_type, record_id)
        except Problem as problem:
            if problem.status == 403 or problem.status >= 500:
                raise
            done.kept.append((one, GONE if problem.status == 404 else CLASH))
        else:
            done.restored += 1


def _history(uow: UnitOfWork, ids: Sequence[str]) -> dict[str, list[Row[Any]]]:
    """Record → its history, oldest first."""
    found: dict[str, list[Row[Any]]] = {}
    table = record_change.c
    for start in range(0, len(ids), _ASKED_AT_ONCE):
        wanted = table.record_id.in_(ids[start:start + _ASKED_AT_ONCE])
        for line in uow.execute(select(record_change).where(wanted).order_by(table.record_id, table.version)):
            found.setdefault(line.record_id, []).append(line)
    return found


def _reason(record_type: RecordType, operation_id: str, record: Record | None, since: Sequence[Row[Any]],
            version: int) -> str | None:
    """Why a record is left alone; `since` is its history from the operation on."""
    if record is None:
        return GONE
    if not since or since[0].version != version:
        return CHANGED
    if any(line.origin["id"] != operation_id and line.origin["kind"] not in _AUTOMATIC for line in since[1:]):
        return CHANGED
    if since[0].action == CREATED:
        return None
    given = _given(record_type, since[0].changes)
    return None if all(record[name] == after for name, (_, after) in given.items()) else CHANGED


def _as_before(record_type: RecordType, changes: Mapping[str, Sequence[Any]]) -> Record:
    return {name: before for name, (before, _) in _given(record_type, changes).items()}


def _given(record_type: RecordType, changes: Mapping[str, Sequence[Any]]) -> dict[str, Sequence[Any]]:
    """The changes of what people give; departments and calculated fields follow by themselves."""
    fields = record_type.fields
    return {name: pair for name, pair in changes.items()
            if name == OWNER or (name in fields and (fields[name].row.given or fields[name].is_managed))}


def _restore(service: Service, uow: UnitOfWork, access: Access, edits: Sequence[tuple[Written, Record, Record]],
             done: Done) -> None:
    results = try_edits(service, uow, access, [(record, values) for _, record, values in edits])
    owners = {}
    for (one, record, values), result in zip(edits, results, strict=True):
        if result.problem is None:
            done.restored += 1
            owners |= {record["id"]: values[OWNER]} if OWNER in values else {}
        else:
            done.kept.append((one, CLASH))
    give_lines(service, uow, access.principal, access.record_type, owners)


def _remove(service: Service, uow: UnitOfWork, access: Access, removals: Sequence[Written], done: Done) -> None:
    if not removals:
        return
    going = [Removal(one[1]) for one in removals]
    results = delete_records(service, uow, access.principal, access.record_type, going, for_good=True,
                             locks=NONE)
    for one, result in zip(removals, results, strict=True):
        if result.problem is None:
            done.deleted += 1
        else:
            done.kept.append((one, IN_USE if result.problem.code == "in_use" else GONE))
