"""Edits of records that stand: locked, written set by set, with history, match keys and events.

What may be edited is decided before; here is only how. The department of a record follows its owner.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.ids import is_id
from services.customer.model.names import OWNER_SINCE
from services.customer.model.sharing import READ
from services.customer.model.values.times import moment_text
from services.customer.store.link_tables import change_links
from services.customer.store.match_keys import change_keys
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.calculations.values import apply_formulas
from services.customer.usecases.files.attach import change_files
from services.customer.usecases.history import UPDATED, Change, remember
from services.customer.usecases.indexing import index_changed
from services.customer.usecases.pools.passages import note_passages
from services.customer.usecases.refusals import integrity_problem
from services.customer.usecases.results import Result

if TYPE_CHECKING:
    from chassis.service import Service

_WRITTEN_ALWAYS = frozenset({"version", "updated_at", "updated_by"})


@dataclass(slots=True)
class Edit:
    """A record before and after, what changed, and the record whose writing brought it about, if any did.

    `note` is what the history says of the reason.
    """

    before: Record
    after: Record
    changed: tuple[str, ...]
    because: Mapping[str, str] | None = None
    note: Mapping[str, Any] | None = None


def lock_records(uow: UnitOfWork, access: Access, ids: Sequence[str], level: str = READ) -> dict[str, Record]:
    """The records among the ids that the caller sees, or may change, locked until the end of the unit of work."""
    record_type = access.record_type
    wanted = [one for one in ids if is_id(one)]
    if len(wanted) == 1:
        rows = uow.rows(record_type.for_update, {"id": wanted[0]})
    else:
        rows = uow.execute(record_type.many_for_update, {"ids": wanted}).all() if wanted else []
    records = [record_type.load(row) for row in rows]
    seen = access.among(uow.connection, records, level)
    return {record["id"]: record for record in records if record["id"] in seen}


def write_edits(service: Service, uow: UnitOfWork, access: Access, edits: Sequence[tuple[Record, Record]],
                because: Mapping[str, Mapping[str, str]] | None = None) -> list[Record]:
    """Give locked records, as (record, values), values that the system decides; returns what stands afterwards.

    `because` names, by id, the record whose writing brought it about: `{"object", "id"}`.
    """
    return [result.unwrap() for result in try_edits(service, uow, access, edits, because)]


def try_edits(service: Service, uow: UnitOfWork, access: Access, edits: Sequence[tuple[Record, Record]],
              because: Mapping[str, Mapping[str, str]] | None = None) -> list[Result]:
    """The same, where an edit that breaks a constraint is refused by itself."""
    results = [Result(200, before, changed=False) for before, _ in edits]
    made = [make_edit(service, access, before, values) for before, values in edits]
    for edit in made:
        if edit is not None and because is not None:
            edit.because = because.get(edit.after["id"])
    calculate(service, uow, access.record_type, made)
    write(uow, access, made, results)
    return results


def make_edit(service: Service, access: Access, before: Record, given: Mapping[str, Any]) -> Edit | None:
    """The edit that gives a record these values; None when nothing changes."""
    changed = [name for name, value in given.items() if before.get(name) != value]
    if not changed:
        return None
    after = {**before, **given}
    if "owner_id" in changed:
        owner = service.directory.snapshot().users.get(after["owner_id"] or "", {})
        after["department_id"] = owner.get("department_id")
        if after["department_id"] != before["department_id"]:
            changed.append("department_id")
        if OWNER_SINCE in after and OWNER_SINCE not in given:
            after[OWNER_SINCE] = moment_text(utcnow()) if after["owner_id"] else None
            changed.append(OWNER_SINCE)
    after["version"] = before["version"] + 1
    if "updated_at" not in given:
        after["updated_at"] = moment_text(utcnow())
    after["updated_by"] = access.principal.user_id
    return Edit(before, after, tuple(changed))


def calculate(service: Service, uow: UnitOfWork, record_type: RecordType, edits: Sequence[Edit | None]) -> None:
    """What follows from the edits within the same records changes with them."""
    names = [name for name, _ in record_type.plan.formulas if name in record_type.fields]
    made = [edit for edit in edits if edit is not None]
    if names and made:
        apply_formulas(service, uow, record_type, [edit.after for edit in made])
        for edit in made:
            edit.changed += tuple(name for name in names
                                  if name not in edit.changed and edit.after[name] != edit.before[name])


def write(uow: UnitOfWork, access: Access, edits: Sequence[Edit | None], results: list[Result]) -> None:
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


def write_alone(uow: UnitOfWork, access: Access, edits: Sequence[Edit | None], results: list[Result]) -> None:
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
            edits: Sequence[Edit]) -> list[Result]:
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


def _link(uow: UnitOfWork, record_type: RecordType, edits: Sequence[Edit]) -> None:
    pairs = [(edit.before, edit.after) for edit in edits]
    change_links(uow, record_type.link_tables, pairs)
    change_files(uow, record_type, pairs)


def _leave_traces(uow: UnitOfWork, access: Access, edits: Sequence[Edit]) -> None:
    pairs = [(edit.before, edit.after) for edit in edits]
    change_keys(uow, access.record_type.definition, pairs)
    index_changed(uow, access.record_type, pairs)
    note_passages(uow, access, edits)
    remember(uow, access.record_type, access.principal, [_change(edit) for edit in edits])


def _params(record_type: RecordType, after: Record, shape: frozenset[str]) -> Record:
    return {**record_type.params(after, shape), "key": after["id"]}


def _change(edit: Edit) -> Change:
    told = [name for name in edit.changed if name not in ("created_at", "updated_at")]
    return Change(UPDATED, edit.after, told, {name: edit.before[name] for name in told}, edit.because, edit.note)
