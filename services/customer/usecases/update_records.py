"""Change records: merge the given members, keep what is not said, write nothing when nothing changes.

Rows are locked in the order of their ids, compared in wire form, and written by one statement per set of
changed members.

Who has seen an older version is refused, unless others have only touched the record since (see usecases.touching) in
fields that he leaves alone: a follow-up written by a colleague does not void a form that is being filled in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from chassis.auth.principal import Principal
from chassis.context import Cause, with_cause
from chassis.db import UnitOfWork
from chassis.http.etag import stale
from chassis.http.problem import not_found
from services.customer.model.faults import Fault
from services.customer.model.sharing import WRITE
from services.customer.store.record_type import Record, RecordType
from services.customer.store.tables import record_change
from services.customer.usecases.access import Access
from services.customer.usecases.edits import Edit, calculate, lock_records, make_edit, write, write_alone
from services.customer.usecases.files.attach import complete_files
from services.customer.usecases.gates import check_gates
from services.customer.usecases.history import CALCULATED
from services.customer.usecases.layouts.enforce import check_changes
from services.customer.usecases.lines.follow import follow_owners
from services.customer.usecases.lines.one_currency import refuse_other_edits
from services.customer.usecases.lines.totals import excess
from services.customer.usecases.links import check_links
from services.customer.usecases.locks import EVERY, OWN, Above, refuse_locked
from services.customer.usecases.refusals import only_shared, refusal
from services.customer.usecases.results import Result
from services.customer.usecases.touching import Touching, that_touch
from services.customer.usecases.values import read_values

if TYPE_CHECKING:
    from chassis.service import Service

_MOST_TOUCHES = 100


@dataclass(frozen=True, slots=True)
class Patch:
    """What one record shall become; `version` is the one that the caller has seen, None for whatever stands."""

    id: str
    values: Any
    version: int | None = None


def update_records(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType,
                   patches: Sequence[Patch], *, cause: Cause | None = None, backdate: bool = False,
                   action: str = "update", alone: bool = False, by_layout: bool = True,
                   note: Mapping[str, Any] | None = None, locks: str = EVERY) -> list[Result]:
    """Apply patches to different records; the results stand in their order. Raises 403 without the action.

    `alone` says that one patch is the whole unit of work, which a broken constraint then ends (409).
    `by_layout` says that what the form demands of people is demanded. `note` goes into the lines of the history.
    `locks` says which locks hold, see usecases.locks.
    """
    access = Access(principal, record_type)
    access.need(action)
    with with_cause(cause) if cause else nullcontext():
        above = Above(service, uow, principal, record_type, ids=[patch.id for patch in patches],
                      given=[patch.values for patch in patches]) if locks == EVERY else None
        standing = lock_records(uow, access, [patch.id for patch in patches])
        open_to_him = access.among(uow.connection, list(standing.values()), WRITE)
        results = [_checked(uow, access, patch, standing.get(patch.id), open_to_him) for patch in patches]
        values = _judged(service, uow, access, patches, results, backdate, by_layout)
        edits = [make_edit(service, access, result.record, given) if result.record is not None else None
                 for result, given in zip(results, values, strict=True)]
        for edit in edits:
            if edit is not None:
                edit.note = note
        calculate(service, uow, record_type, edits)
        refuse_locked(access, edits, results)
        if above is not None:
            above.refuse_edits(edits, results)
        if locks != OWN:
            refuse_other_edits(uow, record_type, edits, results)
        _hold_limits(record_type, edits, results)
        touching = Touching(service, uow, access, that_touch(record_type, edits))
        (write_alone if alone else write)(uow, access, edits, results)
        touching.carry_out(that_touch(record_type, [
            edit for edit, result in zip(edits, results, strict=True) if result.problem is None]))
        follow_owners(service, uow, principal, record_type, [
            edit for edit, result in zip(edits, results, strict=True) if result.problem is None])
    return results


def _hold_limits(record_type: RecordType, edits: list[Edit | None], results: list[Result]) -> None:
    """Refuse edits after which a record would exceed one of its limits."""
    for place, edit in enumerate(edits if record_type.definition.limits else ()):
        if edit is not None and (problem := excess(record_type, edit.after, edit.changed)) is not None:
            results[place], edits[place] = Result.refused(problem), None


def _checked(uow: UnitOfWork, access: Access, patch: Patch, standing: Record | None,
             open_to_him: Collection[str]) -> Result:
    if standing is None:
        return Result.refused(not_found())
    if standing["id"] not in open_to_him or (
            isinstance(patch.values, dict) and "owner_id" in patch.values and not access.owns(standing)):
        return Result.refused(only_shared())
    seen = patch.version in (None, standing["version"]) or _was_only_touched(uow, patch, standing)
    return Result(200, standing, changed=False) if seen else Result.refused(stale(standing["version"]))


def _was_only_touched(uow: UnitOfWork, patch: Patch, standing: Record) -> bool:
    """Whether all versions since the one that the caller saw are touches of fields that his patch leaves alone.

    What was calculated since then is nobody's edit.
    """
    assert patch.version is not None
    if patch.version > standing["version"] or not isinstance(patch.values, dict):
        return False
    since = select(record_change.c.origin, record_change.c.changes).where(
        record_change.c.record_id == standing["id"], record_change.c.version > patch.version,
        record_change.c.action != CALCULATED)
    rows = uow.execute(since.limit(_MOST_TOUCHES + 1)).all()
    return len(rows) <= _MOST_TOUCHES and all(
        "because" in row.origin and patch.values.keys().isdisjoint(row.changes) for row in rows)


def _judged(service: Service, uow: UnitOfWork, access: Access, patches: Sequence[Patch],
            results: list[Result], backdate: bool, by_layout: bool) -> list[Record]:
    faults: list[list[Fault]] = [[] for _ in patches]
    values = [read_values(access, patch.values, found, backdate) if result.problem is None else {}
              for patch, found, result in zip(patches, faults, results, strict=True)]
    complete_files(uow, access, values, [result.record for result in results], faults)
    if by_layout and access.record_type.layouts:
        check_changes(service, uow.connection, access, [result.record for result in results], values, faults)
    if by_layout and access.record_type.pipelines:
        check_gates(service, uow.connection, access, [result.record for result in results], values, faults)
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
