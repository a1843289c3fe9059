"""Change records: merge the given members, keep what is not said, write nothing when nothing changes.

Rows are locked in the order of their ids, compared in wire form, and written by one statement per set of
changed members. The department of a record follows its owner.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.context import Cause, with_cause
from chassis.db import UnitOfWork
from chassis.http.etag import stale
from chassis.http.problem import not_found
from chassis.ids import is_id
from services.customer.model.faults import Fault
from services.customer.model.values.times import moment_text
from services.customer.store.link_tables import change_links
from services.customer.store.match_keys import change_keys
from services.customer.store.record_type import Record, RecordType
from services.customer.store.search_entries import change_entries
from services.customer.usecases.access import Access
from services.customer.usecases.history import UPDATED, Change, remember
from services.customer.usecases.links import check_links
from services.customer.usecases.refusals import integrity_problem, refusal
from services.customer.usecases.results import Result
from services.customer.usecases.values import read_values

if TYPE_CHECKING:
    from chassis.service import Service

_WRITTEN_ALWAYS = frozenset({"version", "updated_at", "updated_by"})


@dataclass(frozen=True, slots=True)
class Patch:
    """What one record shall become; `version` is the one that the caller has seen, None for whatever stands."""

    id: str
    values: Any
    version: int | None = None


@dataclass(slots=True)
class _Edit:
    before: Record
    after: Record
    changed: tuple[str, ...]


def update_records(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType,
                   patches: Sequence[Patch], *, cause: Cause | None = None, backdate: bool = False,
                   action: str = "update", alone: bool = False) -> list[Result]:
    """Apply patches to different records; the results stand in their order. Raises 403 without the action.

    `alone` says that one patch is the whole unit of work, which a broken constraint then ends (409).
    """
    access = Access(principal, record_type)
    access.need(action)
    with with_cause(cause) if cause else nullcontext():
        standing = lock_records(uow, access, [patch.id for patch in patches])
        results = [_checked(patch, standing.get(patch.id)) for patch in patches]
        values = _judged(service, uow, access, patches, results, backdate)
        edits = [_edit(service, access, result.record, given) if result.record is not None else None
                 for result, given in zip(results, values, strict=True)]
        (_write_alone if alone else _write)(uow, access, edits, results)
    return results


def write_edits(service: Service, uow: UnitOfWork, access: Access,
                edits: Sequence[tuple[Record, Record]]) -> list[Record]:
    """Give locked records, as (record, values), values that the system decides; returns what stands afterwards."""
    results = [Result(200, before) for before, _ in edits]
    _write(uow, access, [_edit(service, access, before, values) for before, values in edits], results)
    return [result.unwrap() for result in results]


def lock_records(uow: UnitOfWork, access: Access, ids: Sequence[str]) -> dict[str, Record]:
    """The visible records among the ids, locked until the end of the unit of work."""
    record_type = access.record_type
    wanted = [one for one in ids if is_id(one)]
    if len(wanted) == 1:
        rows = uow.rows(record_type.for_update, {"id": wanted[0]})
    else:
        rows = uow.execute(record_type.many_for_update, {"ids": wanted}).all() if wanted else []
    records = (record_type.load(row) for row in rows)
    return {record["id"]: record for record in records if access.sees(record)}


def _checked(patch: Patch, standing: Record | None) -> Result:
    if standing is None:
        return Result.refused(not_found())
    if patch.version is not None and patch.version != standing["version"]:
        return Result.refused(stale(standing["version"]))
    return Result(200, standing)


def _judged(service: Service, uow: UnitOfWork, access: Access, patches: Sequence[Patch],
            results: list[Result], backdate: bool) -> list[Record]:
    faults: list[list[Fault]] = [[] for _ in patches]
    values = [read_values(access, patch.values, found, backdate) if result.problem is None else {}
              for patch, found, result in zip(patches, faults, results, strict=True)]
    news = [_news(result.record, given) for result, given in zip(results, values, strict=True)]
    check_links(service, uow, access, news, faults)
    for place, found in enumerate(faults):
        if found:
            results[place] = Result.refused(refusal(found))
    return values


def _news(standing: Record | None, given: Record) -> Record:
    """The values that differ; an old link is not judged again, not even within a list."""
    if standing is None:
        return {}
    news = {name: value for name, value in given.items() if standing.get(name) != value}
    return {name: [one for one in value if one not in standing[name]]
            if isinstance(value, list) and isinstance(standing.get(name), list) else value
            for name, value in news.items()}


def _edit(service: Service, access: Access, before: Record, given: Mapping[str, Any]) -> _Edit | None:
    changed = [name for name, value in given.items() if before.get(name) != value]
    if not changed:
        return None
    after = {**before, **given}
    if "owner_id" in changed:
        owner = service.directory.snapshot().users.get(after["owner_id"] or "", {})
        after["department_id"] = owner.get("department_id")
        if after["department_id"] != before["department_id"]:
            changed.append("department_id")
    after["version"] = before["version"] + 1
    if "updated_at" not in given:
        after["updated_at"] = moment_text(utcnow())
    after["updated_by"] = access.principal.user_id
    return _Edit(before, after, tuple(changed))


def _write(uow: UnitOfWork, access: Access, edits: Sequence[_Edit | None], results: list[Result]) -> None:
    """Write the edits, set by set; an edit that breaks a constraint is refused."""
    groups: dict[frozenset[str], list[int]] = {}
    for place, edit in enumerate(edits):
        if edit is not None and results[place].problem is None:
            groups.setdefault(frozenset(edit.changed) | _WRITTEN_ALWAYS, []).append(place)
    for shape, places in groups.items():
        found = [edit for place in places if (edit := edits[place]) is not None]
        for place, result in zip(places, _stored(uow, access.record_type, shape, found), strict=True):
            results[place] = result
    written = [edit for edit, result in zip(edits, results, strict=True) if edit and result.problem is None]
    _leave_traces(uow, access, written)


def _write_alone(uow: UnitOfWork, access: Access, edits: Sequence[_Edit | None], results: list[Result]) -> None:
    """Write the one edit of a unit of work, with all that follows and the commit, in one round trip."""
    edit = edits[0]
    if edit is None or results[0].problem is not None:
        return
    shape = frozenset(edit.changed) | _WRITTEN_ALWAYS
    uow.explain(lambda error: integrity_problem(error, access.record_type))
    uow.later(access.record_type.update(shape), [_params(access.record_type, edit.after, shape)])
    _link(uow, access.record_type, [edit])
    _leave_traces(uow, access, [edit])
    results[0] = Result(200, edit.after)


def _stored(uow: UnitOfWork, record_type: RecordType, shape: frozenset[str],
            edits: Sequence[_Edit]) -> list[Result]:
    statement = record_type.update(shape)
    rows = [_params(record_type, edit.after, shape) for edit in edits]
    try:
        with uow.savepoint():
            uow.execute(statement, rows)
            _link(uow, record_type, edits)
    except IntegrityError as error:
        if len(edits) == 1:
            return [Result.refused(integrity_problem(error, record_type))]
        return [result for edit in edits for result in _stored(uow, record_type, shape, [edit])]
    return [Result(200, edit.after) for edit in edits]


def _link(uow: UnitOfWork, record_type: RecordType, edits: Sequence[_Edit]) -> None:
    change_links(uow, record_type.link_tables, [(edit.before, edit.after) for edit in edits])


def _leave_traces(uow: UnitOfWork, access: Access, edits: Sequence[_Edit]) -> None:
    pairs = [(edit.before, edit.after) for edit in edits]
    change_keys(uow, access.record_type.definition, pairs)
    change_entries(uow, access.record_type, pairs)
    remember(uow, access.record_type, access.principal, [_change(edit) for edit in edits])


def _params(record_type: RecordType, after: Record, shape: frozenset[str]) -> Record:
    return {**record_type.params(after, shape), "key": after["id"]}


def _change(edit: _Edit) -> Change:
    told = [name for name in edit.changed if name not in ("created_at", "updated_at")]
    return Change(UPDATED, edit.after, told, {name: edit.before[name] for name in told})
