"""Delete records. Their history stays, and they lie in the bin for some days; a record that others point at is not
deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.http.etag import stale
from chassis.http.problem import Problem, not_found
from services.customer.model.values.times import moment_text
from services.customer.store.duplicates.pairs import take_pairs_of
from services.customer.store.match_keys import forget_keys
from services.customer.store.record_type import Record, RecordType
from services.customer.store.search_entries import forget_entries
from services.customer.usecases.access import Access
from services.customer.usecases.calculations.versions import stale_ones
from services.customer.usecases.edits import lock_records
from services.customer.usecases.field_bin import release_binned
from services.customer.usecases.files.attach import change_files
from services.customer.usecases.history import DELETED, Change, remember
from services.customer.usecases.lines.family import MAX_LINES, as_parent, ids_of_lines, kinds_of
from services.customer.usecases.lines.follow import held_elsewhere
from services.customer.usecases.locks import EVERY, NONE, OWN, Above, is_locked, is_system, locked
from services.customer.usecases.record_bin import keep_in_bin
from services.customer.usecases.refusals import only_shared
from services.customer.usecases.results import Result, raise_first
from services.customer.usecases.unlink_records import Named, unlink_records

if TYPE_CHECKING:
    from chassis.service import Service


@dataclass(frozen=True, slots=True)
class Removal:
    """A record that shall go, perhaps only at one version."""

    id: str
    version: int | None = None


def delete_records(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType,
                   removals: Sequence[Removal], *, for_good: bool = False, along: str | None = None,
                   locks: str = EVERY) -> list[Result]:
    """Delete different records; the results stand in their order. With `for_good` they do not go into the bin.

    They are lines that go with their record when `along` names their field that points at it.
    `locks` says which locks hold, see usecases.locks.

    Raises 403 when deleting is not granted, 409 when too many lists name the records.
    """
    access = Access(principal, record_type)
    access.need("delete")
    ids = [removal.id for removal in removals]
    above = Above(service, uow, principal, record_type, ids=ids) if locks == EVERY else None
    standing = lock_records(uow, access, ids)
    stale_ids = stale_ones(uow, standing, {removal.id: removal.version for removal in removals})
    results = [_checked(access, removal, standing.get(removal.id), stale_ids) for removal in removals]
    _refuse_locked(access, results, above, locks)
    _delete_lines(service, uow, principal, record_type, results, for_good, locks)
    named = _delete(service, uow, principal, record_type, results)
    gone = [result.record for result in results if result.record is not None]
    pairs = take_pairs_of(uow, [record["id"] for record in gone])
    if not for_good:
        keep_in_bin(service, uow, principal, record_type.name, gone, named, pairs, along)
    change_files(uow, record_type, [(record, {}) for record in gone])
    forget_keys(uow, record_type.definition, [record["id"] for record in gone])
    forget_entries(uow, [record["id"] for record in gone])
    changes = [Change(DELETED, {**record, "version": record["version"] + 1}, ()) for record in gone]
    remember(uow, record_type, principal, changes, moment_text(utcnow()))
    return results


def _delete_lines(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType,
                  results: list[Result], for_good: bool, locks: str) -> None:
    """Lines go with their record unless others point at it; raises 409 when others point at a line."""
    kinds = kinds_of(service, record_type)
    going = [result.record["id"] for result in results if result.record is not None]
    if not kinds or not going:
        return
    held = held_elsewhere(service, uow.connection, record_type, going)
    for place, result in enumerate(results):
        if result.record is not None and result.record["id"] in held:
            results[place] = Result.refused(Problem(409, "in_use"))
    free = [one for one in going if one not in held]
    for kind in kinds.values():
        caller = as_parent(principal, record_type, kind)
        while ids := ids_of_lines(uow.connection, kind, free, MAX_LINES):
            removals = [Removal(one) for one in ids]
            raise_first(delete_records(service, uow, caller, kind.type, removals, for_good=for_good,
                                       along=kind.reference, locks=NONE if locks == NONE else OWN))


def _refuse_locked(access: Access, results: list[Result], above: Above | None, locks: str) -> None:
    """Locked records stay, and so do the lines of locked records."""
    held = locks != NONE and not is_system(access.principal)
    for place, result in enumerate(results):
        if result.record is None:
            continue
        if held and is_locked(access.record_type, result.record):
            results[place] = Result.refused(locked(access.record_type))
        elif above is not None and (problem := above.problem(result.record)) is not None:
            results[place] = Result.refused(problem)


def _checked(access: Access, removal: Removal, standing: Record | None, stale_ids: set[str]) -> Result:
    if standing is None:
        return Result.refused(not_found())
    if not access.owns(standing):
        return Result.refused(only_shared())
    if removal.id in stale_ids:
        return Result.refused(stale(standing["version"]))
    return Result(204, standing)


def _delete(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType,
            results: list[Result]) -> Named:
    """All at once; when others point at one of them, one by one. Returns the lists that named what is gone."""
    going = {result.record["id"]: place for place, result in enumerate(results) if result.record is not None}
    named = _deleted(service, uow, principal, record_type, list(going))
    if named is not None:
        return named
    named = {}
    for one, place in going.items():
        found = _deleted(service, uow, principal, record_type, [one])
        if found is None:
            results[place] = Result.refused(Problem(409, "in_use"))
        else:
            named |= found
    return named


def _deleted(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType,
             ids: Sequence[str]) -> Named | None:
    """The lists that named them, by id; None when others point at one of them, and then nothing has changed."""
    if not ids:
        return {}
    try:
        with uow.savepoint():
            named = unlink_records(service, uow, principal, record_type, ids)
            release_binned(service, uow, record_type.name, ids)
            uow.execute(record_type.delete, [{"key": one} for one in ids])
    except IntegrityError:
        return None
    return named
