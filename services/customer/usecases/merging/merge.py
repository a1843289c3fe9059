"""Merge: one record takes in another of the same object.

In one unit of work the survivor gets the values that the caller chose, everything that pointed at the other points at
the survivor, and the other one goes. Its history stays where it is and shows in the survivor's timeline; whoever asks
for it is told where it went. All that is needed to undo it is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.context import current_cause, with_cause
from chassis.db import UnitOfWork
from chassis.http.etag import stale
from chassis.http.problem import not_found
from chassis.ids import is_id, new_id
from services.customer.events import publish_merge
from services.customer.metrics import RECORDS_MERGED
from services.customer.model.faults import Fault
from services.customer.model.names import OWNER_SINCE
from services.customer.model.values.times import moment_text
from services.customer.store.duplicates.pairs import Kept, take_pairs_of
from services.customer.store.duplicates.tables import record_merge
from services.customer.store.match_keys import forget_keys
from services.customer.store.record_type import Record, RecordType
from services.customer.store.search_entries import forget_entries
from services.customer.store.stage_work import move_work
from services.customer.usecases.access import Access
from services.customer.usecases.edits import lock_records, write_edits
from services.customer.usecases.field_bin import release_binned
from services.customer.usecases.history import DELETED, Change, remember
from services.customer.usecases.lines.follow import give_lines
from services.customer.usecases.locks import Above, is_locked, locked
from services.customer.usecases.merging.references import in_full, move_references
from services.customer.usecases.refusals import integrity_problem, only_shared, refusal

if TYPE_CHECKING:
    from chassis.service import Service


def merge_records(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType, survivor_id: str,
                  merged_id: Any, take: Collection[str] | None, versions: Mapping[str, int]) -> tuple[str, Record]:
    """Merge; `take` names the fields whose values come from the merged record (None: those that the survivor lacks).

    `versions` are those that the caller has seen, by id. Returns the id of the merge and the survivor. Raises 403, 404,
    409, 412, 422.
    """
    access = Access(principal, record_type)
    access.need("update")
    access.need("delete")
    if not is_id(merged_id) or merged_id == survivor_id:
        raise refusal([Fault("/merged", "unknown_reference")])
    standing = lock_records(uow, access, [survivor_id, merged_id])
    if survivor_id not in standing:
        raise not_found()
    if merged_id not in standing:
        raise refusal([Fault("/merged", "unknown_reference")])
    survivor, merged = standing[survivor_id], standing[merged_id]
    for record in (survivor, merged):
        if not access.owns(record):
            raise only_shared()
        if versions.get(record["id"], record["version"]) != record["version"]:
            raise stale(record["version"])
    above = Above(service, uow, principal, record_type, given=[survivor, merged])
    for record, pointers in ((survivor, ()), (merged, ("/merged",))):
        if is_locked(record_type, record) or above.problem(record):
            raise locked(record_type, pointers)
    values = _taken(access, survivor, merged, take)
    with with_cause(replace(current_cause(), rules=False)):
        return _merge(service, uow, access, survivor, merged, values)


def _taken(access: Access, survivor: Record, merged: Record, take: Collection[str] | None) -> Record:
    """The values that the survivor gets; a link to either of the two would be one to itself and goes."""
    fields = access.record_type.fields
    writable = [name for name in fields if name in access.shape.writers] + ["owner_id"] * (
        "owner_id" in access.shape.writers)
    if take is None:
        take = [name for name in writable if survivor[name] is None and merged[name] is not None]
    faults = [Fault("/take", "unknown_field", {"field": str(name)[:100]}) for name in take if name not in writable]
    if faults:
        raise refusal(faults)
    values = {name: merged[name] for name in take}
    pair = (survivor["id"], merged["id"])
    for name, field in fields.items():
        if field.target == access.record_type.name:
            values[name] = _without(values.get(name, survivor[name]), pair)
    return {name: value for name, value in values.items() if value != survivor[name]}


def _without(value: Any, ids: Collection[str]) -> Any:
    """A link, or a list of links, that leads to none of the ids."""
    if isinstance(value, list):
        return [one for one in value if one not in ids] or None
    return None if value in ids else value


def _merge(service: Service, uow: UnitOfWork, access: Access, survivor: Record, merged: Record,
           values: Record) -> tuple[str, Record]:
    record_type, principal = access.record_type, access.principal
    full = Access(in_full(principal), record_type)
    moved = move_references(service, uow, principal, record_type, merged["id"], survivor["id"])
    id, title = new_id(), record_type.definition.title_field
    publish_merge(uow, id, record_type.name, survivor["id"], merged["id"],
                  values.get(title) or survivor[title] or "", undone=False)
    cut = {name: _without(survivor[name], (merged["id"],)) for name, field in record_type.fields.items()
           if field.target == record_type.name}
    between = write_edits(service, uow, full, [(survivor, cut)])[0]
    pairs = _remove(service, uow, access, merged)
    after = write_edits(service, uow, full, [(between, values)])[0]
    give_lines(service, uow, principal, record_type, {after["id"]: after["owner_id"]})
    work = move_work(uow, merged["id"], survivor["id"], waiting=after["owner_id"] is None)
    changed = [*values, OWNER_SINCE] if "owner_id" in values and OWNER_SINCE in survivor else values
    uow.execute(record_merge.insert(), {
        "id": id, "object": record_type.name, "survivor_id": survivor["id"], "merged_id": merged["id"],
        "merged": merged, "before": {name: survivor[name] for name in changed}, "after": values, "moved": moved,
        "pairs": pairs, "stage_work": work, "at": utcnow(), "by_id": principal.user_id, "by_name": principal.name,
        "undone_at": None, "undone_by": None})
    uow.after_commit(RECORDS_MERGED.labels(record_type.name, "merged").inc)
    return id, after


def _remove(service: Service, uow: UnitOfWork, access: Access, merged: Record) -> list[Kept]:
    """Let the record go; returns its pairs of duplicates."""
    record_type = access.record_type
    release_binned(service, uow, record_type.name, [merged["id"]])
    try:
        with uow.savepoint():
            uow.execute(record_type.delete, {"key": merged["id"]})
    except IntegrityError as error:
        raise integrity_problem(error, record_type) from error
    forget_keys(uow, record_type.definition, [merged["id"]])
    forget_entries(uow, [merged["id"]])
    gone = Change(DELETED, {**merged, "version": merged["version"] + 1}, ())
    remember(uow, record_type, access.principal, [gone], moment_text(utcnow()))
    return take_pairs_of(uow, [merged["id"]]).get(merged["id"], [])

