"""Erase a person: the personal fields of a record, and every copy of them that is kept elsewhere.

The record stays with its amounts, dates, choices and links, so sums and counts hold. In one transaction go: the values,
their befores and afters in the history (also of records that were merged into it), the texts that other services told,
what an undo of a merge had kept, search entries, match keys and remembered answers. Files go with the next clean-up.
The change itself says nothing of what was there; other services hear of it and erase their copies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, or_, select, update

from chassis.auditing import Target, tell
from chassis.auth.principal import Principal
from chassis.context import current_cause, with_cause
from chassis.db import UnitOfWork
from chassis.db.tables import idempotency
from chassis.http.problem import not_found
from services.customer.events import publish_erasure
from services.customer.model.erased import ERASED_TEXTS
from services.customer.model.faults import Fault
from services.customer.model.privacy import erased_values, personal_fields, scrubbed
from services.customer.queries.merges import taken_in
from services.customer.store.duplicates.pairs import forget_pairs_of
from services.customer.store.duplicates.tables import record_merge
from services.customer.store.files.attachments import DROPPED
from services.customer.store.files.tables import attachment
from services.customer.store.match_keys import add_keys, forget_keys
from services.customer.store.record_type import Record, RecordType
from services.customer.store.search_entries import add_entries, forget_entries
from services.customer.store.tables import record_change, timeline_entry
from services.customer.usecases.access import Access
from services.customer.usecases.edits import Edit, calculate, lock_records, make_edit, write
from services.customer.usecases.files.attach import change_files
from services.customer.usecases.merging.references import in_full
from services.customer.usecases.refusals import refusal
from services.customer.usecases.results import Result, raise_first

if TYPE_CHECKING:
    from chassis.service import Service

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def erase_person(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType, record_id: str,
                 fields: Sequence[Any] | None) -> tuple[Record, list[str]]:
    """Erase; returns the record afterwards and the fields. Raises 403, 404 and 422."""
    Access(principal, record_type).need("update")
    names = _fields(record_type, fields)
    access = Access(in_full(principal), record_type)
    record = lock_records(uow, access, [record_id]).get(record_id)
    if record is None or not Access(principal, record_type).owns(record):
        raise not_found()
    with with_cause(replace(current_cause(), rules=False)):
        after, gone = _empty(service, uow, access, record, names)
    ids = [record_id, *taken_in(uow.connection, record_id)]
    _scrub_history(uow, ids, gone)
    _scrub_copies(uow, record_type, ids, gone)
    _index_anew(uow, record_type, after)
    publish_erasure(uow, record_type.name, ids, principal.user_id)
    tell(uow, principal, "person.erased", Target(record_type.name, record_id, ""), {"fields": names})
    return after, names


def stands_in_history(uow: UnitOfWork, record_id: str, erased: Mapping[str, Any]) -> bool:
    """Whether the history of a record, or of one that it took in, has other values of these fields than those."""
    ids = [record_id, *taken_in(uow.connection, record_id)]
    lines = uow.execute(select(record_change.c.changes).where(record_change.c.record_id.in_(ids))).scalars()
    return any(value is not None and value != erased[name] for changes in lines
               for name in erased.keys() & changes.keys() for value in changes[name])


def _fields(record_type: RecordType, given: Sequence[Any] | None) -> list[str]:
    if given is None:
        return personal_fields(record_type.definition)
    known = {name for name, field in record_type.fields.items() if field.row.given}
    faults = [Fault(f"/fields/{place}", "unknown_field", {"field": str(name)[:100]})
              for place, name in enumerate(given) if not isinstance(name, str) or name not in known]
    if faults:
        raise refusal(faults)
    return list(dict.fromkeys(given))


def _empty(service: Service, uow: UnitOfWork, access: Access, record: Record,
           names: Sequence[str]) -> tuple[Record, set[str]]:
    """Write the record; what was there is told to nobody. Returns it, and all fields that lost something."""
    record_type = access.record_type
    values = erased_values(record_type.definition, names, record["id"])
    edit = make_edit(service, access, record, values)
    if edit is None:
        return record, set(names)
    calculate(service, uow, record_type, [edit])
    gone = {*names, *edit.changed} - {"department_id"}
    change_files(uow, record_type, [(record, edit.after)])
    silent = Edit(scrubbed(record, gone), edit.after, edit.changed, note={"erased": True})
    results = [Result(200, record)]
    forget_keys(uow, record_type.definition, [record["id"]])  # what is written knows the old ones no more
    write(uow, access, [silent], results)
    raise_first(results)
    return edit.after, gone


def _scrub_history(uow: UnitOfWork, ids: Sequence[str], names: set[str]) -> None:
    """Take befores and afters out of the lines, and what other services told about the person."""
    table = record_change
    for row in uow.execute(select(table).where(table.c.record_id.in_(ids))).all():
        if names & row.changes.keys():
            changes = {name: [None, None] if name in names else pair for name, pair in row.changes.items()}
            uow.execute(update(table).where(table.c.record_id == row.record_id, table.c.at == row.at,
                                            table.c.id == row.id).values(changes=changes))
    told = timeline_entry
    for row in uow.execute(select(told).where(told.c.record_id.in_(ids))).all():
        uow.execute(update(told).where(told.c.record_id == row.record_id, told.c.at == row.at, told.c.id == row.id)
                    .values(text=ERASED_TEXTS, origin={**row.origin, "name": None}))


def _scrub_copies(uow: UnitOfWork, record_type: RecordType, ids: Sequence[str], names: set[str]) -> None:
    merge = record_merge
    for row in uow.execute(select(merge).where(or_(merge.c.survivor_id.in_(ids), merge.c.merged_id.in_(ids)))).all():
        uow.execute(update(merge).where(merge.c.id == row.id).values(
            {name: scrubbed(getattr(row, name), names) for name in ("merged", "before", "after")} | {"pairs": None}))
    columns = [field.column for field in record_type.file_fields if field.name in names]
    if columns:
        uow.execute(update(attachment).where(
            attachment.c.record_id.in_(ids), attachment.c.column.in_(columns), attachment.c.state == DROPPED).values(
            name="", changed_at=_LONG_AGO))
    uow.execute(delete(idempotency).where(or_(*(idempotency.c.body.contains(id) for id in ids))))
    forget_pairs_of(uow, list(ids))


def _index_anew(uow: UnitOfWork, record_type: RecordType, record: Record) -> None:
    forget_keys(uow, record_type.definition, [record["id"]])
    add_keys(uow, record_type.definition, [record])
    forget_entries(uow, [record["id"]])
    add_entries(uow, record_type, [record])
