"""Undo of a merge: the record that went comes back, and what was led away from it points at it again.

It is possible as long as nothing contradicts it: the survivor is there, the fields that the merge gave it still hold
what it gave, no unique value was taken meanwhile, and what the record pointed at still exists. What somebody has led
elsewhere in the meantime stays there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select, update
from sqlalchemy.exc import IntegrityError

from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.context import current_cause, with_cause
from chassis.db import UnitOfWork
from chassis.http.problem import FieldProblem, Problem, not_found
from chassis.ids import is_id
from services.customer.events import publish_merge
from services.customer.metrics import RECORDS_MERGED
from services.customer.model.faults import pointer_to
from services.customer.store.duplicates.pairs import bring_pairs_back
from services.customer.store.duplicates.tables import record_merge
from services.customer.store.record_type import Record, RecordType
from services.customer.store.stage_work import bring_back_work
from services.customer.usecases.access import Access
from services.customer.usecases.bring_back import bring_back
from services.customer.usecases.edits import lock_records, write_edits
from services.customer.usecases.lines.follow import give_lines
from services.customer.usecases.locks import Above, is_locked, locked
from services.customer.usecases.merging.references import in_full, lists_back, point_at
from services.customer.usecases.refusals import only_shared

if TYPE_CHECKING:
    from chassis.service import Service


def undo_merge(service: Service, uow: UnitOfWork, principal: Principal, id: str) -> tuple[RecordType, Record]:
    """Undo; returns the record that is back. Raises 403, 404, and 409 with the fields that contradict."""
    merge = uow.execute(select(record_merge).where(record_merge.c.id == id).with_for_update()).first() \
        if is_id(id) else None
    if merge is None:
        raise not_found("merge")
    record_type = service.parts["types"].get(merge.object)
    access = Access(principal, record_type)
    survivor = lock_records(uow, access, [merge.survivor_id]).get(merge.survivor_id)
    if survivor is None or not (access.owns(merge.merged) or access.grants.judge(merge.merged, access.scope)):
        raise not_found("merge")
    if not (access.owns(survivor) and access.owns(merge.merged)):
        raise only_shared()
    access.need("update")
    access.need("create")
    if merge.undone_at is not None:
        raise Problem(409, "merge_undone")
    if is_locked(record_type, survivor):
        raise locked(record_type)
    above = Above(service, uow, principal, record_type, given=[survivor, merge.merged])
    if problem := above.problem(survivor, merge.merged):
        raise problem
    _refuse_contradictions(record_type, merge, survivor)
    with with_cause(replace(current_cause(), rules=False)):
        return record_type, _undo(service, uow, access, merge, survivor)


def _refuse_contradictions(record_type: RecordType, merge: Row[Any], survivor: Record) -> None:
    changed = [name for name, value in merge.after.items()
               if name in record_type.fields and survivor.get(name) != value]
    if changed:
        raise Problem(409, "merge_contradicted", errors=[
            FieldProblem(pointer_to(name), "changed_since_merge", {"field": name}) for name in changed])


def _undo(service: Service, uow: UnitOfWork, access: Access, merge: Row[Any], survivor: Record) -> Record:
    record_type, principal = access.record_type, access.principal
    full = Access(in_full(principal), record_type)
    late = {name: value for name, value in merge.before.items()
            if merge.merged["id"] in (value if isinstance(value, list) else (value,))}
    _restore(service, uow, full, survivor, {name: merge.before[name] for name in merge.before.keys() - late.keys()})
    record = _bring_back(uow, record_type, principal, merge)
    if late:
        _restore(service, uow, full, lock_records(uow, full, [survivor["id"]])[survivor["id"]], late)
    _lead_back(service, uow, principal, merge)
    owner = merge.before.get("owner_id", survivor["owner_id"])
    give_lines(service, uow, principal, record_type, {survivor["id"]: owner, record["id"]: record["owner_id"]})
    bring_pairs_back(uow, record_type, merge.pairs)
    bring_back_work(uow, merge.stage_work or {"tasks": [], "ticks": []}, survivor["id"], record["id"])
    uow.execute(update(record_merge).where(record_merge.c.id == merge.id).values(
        undone_at=utcnow(), undone_by=principal.user_id))
    publish_merge(uow, merge.id, record_type.name, merge.survivor_id, merge.merged_id,
                  record[record_type.definition.title_field] or "", undone=True)
    uow.after_commit(RECORDS_MERGED.labels(record_type.name, "undone").inc)
    return record


def _restore(service: Service, uow: UnitOfWork, access: Access, survivor: Record, values: Mapping[str, Any]) -> None:
    """Give the survivor back what it had, before the other comes and wants its unique values."""
    known = {name: value for name, value in values.items() if name in survivor}
    try:
        write_edits(service, uow, access, [(survivor, known)])
    except Problem as problem:
        raise _contradicted(problem) from problem


def _bring_back(uow: UnitOfWork, record_type: RecordType, principal: Principal, merge: Row[Any]) -> Record:
    try:
        return bring_back(uow, record_type, principal, merge.merged)
    except IntegrityError as error:
        raise Problem(409, "merge_contradicted") from error


def _lead_back(service: Service, uow: UnitOfWork, principal: Principal, merge: Row[Any]) -> None:
    types = service.parts["types"].renewed()
    for (object_name, name), grouped in groupby(sorted(merge.moved, key=_place), key=_place):
        source, lines = types.get(object_name), list(grouped)
        if source is None or name not in source.fields:
            continue
        if name in source.link_tables:
            lists_back(service, uow, principal, source, lines, merge.merged_id, merge.survivor_id)
        else:
            point_at(service, uow, principal, source, name, [line[1] for line in lines], merge.survivor_id,
                     merge.merged_id)


def _place(line: list[Any]) -> tuple[str, str]:
    return line[0], line[2]


def _contradicted(problem: Problem) -> Problem:
    return Problem(409, "merge_contradicted", errors=problem.errors)
