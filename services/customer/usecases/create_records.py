"""Create records: one or thousands through the same few statements.

Each row is judged on its own (values, links, uniqueness); what is good is inserted together with its
history, its match keys, its search entry and one event per 500. Rows that are refused carry their problem
and leave nothing behind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.context import Cause, with_cause
from chassis.db import UnitOfWork
from chassis.ids import new_id
from services.customer.model.faults import Fault, pointer_to
from services.customer.model.values.times import moment_text
from services.customer.store.auto_numbers import take_numbers
from services.customer.store.link_tables import change_links
from services.customer.store.match_keys import add_keys
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.calculations.values import apply_empty_rollups, apply_formulas
from services.customer.usecases.files.attach import change_files, complete_files
from services.customer.usecases.history import CREATED, Change, remember, told
from services.customer.usecases.indexing import index_new
from services.customer.usecases.layouts.enforce import check_new_records
from services.customer.usecases.lines.one_currency import refuse_other_lines
from services.customer.usecases.links import check_links
from services.customer.usecases.locks import EVERY, OWN, Above, locks_of_moving
from services.customer.usecases.pools.passages import place_new
from services.customer.usecases.refusals import integrity_problem, not_unique, refusal
from services.customer.usecases.results import Result
from services.customer.usecases.touching import Touching
from services.customer.usecases.values import blanks_of, read_new_values

if TYPE_CHECKING:
    from chassis.service import Service

_CHUNK = 500
Keys = Mapping[str, Mapping[str, str]]  # id of a record → rule → match key


def create_records(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType,
                   rows: Sequence[Any], *, cause: Cause | None = None, backdate: bool = False,
                   action: str = "create", canonical: bool = False, alone: bool = False,
                   keys: Sequence[Mapping[str, str]] | None = None, by_layout: bool = True,
                   locks: str = EVERY) -> list[Result]:
    """Create a record of each row of wire values; the results stand in the order of the rows.

    `cause` says where the work comes from when that is not the present request (an import); `action` is the
    one that must be granted. Raises 403 when it is not. `canonical` rows have been through `coerce` already.
    `alone` says that this is the whole unit of work, which a broken constraint then ends (409). `keys` are the rows'
    match keys, for who knows them already. `by_layout` says that what the form demands of people is demanded.
    `locks` says which locks hold, see usecases.locks.
    """
    access = Access(principal, record_type)
    access.need(action)
    with with_cause(cause) if cause else nullcontext():
        results, drafts = _judged(service, uow, access, rows, backdate, canonical, by_layout)
        if action == "import" or backdate:
            locks = locks_of_moving(service, principal, record_type)
        if locks == EVERY:
            _refuse_lines_of_locked(service, uow, access, drafts, results)
        if locks != OWN:
            refuse_other_lines(uow, record_type, drafts, results)
        good = [place for place, result in enumerate(results) if result.problem is None]
        records = _completed(service, uow, access, [drafts[place] for place in good])
        known = {record["id"]: keys[place] for record, place in zip(records, good, strict=True)} if keys else None
        apply_empty_rollups(record_type, records)
        apply_formulas(service, uow, record_type, records)
        touching = Touching(service, uow, access, records)
        kept = (_kept_alone if alone else _kept)(uow, access, records, known)
        touching.carry_out(result.record for result in kept if result.record is not None)
        for place, result in zip(good, kept, strict=True):
            results[place] = result
    return results


def _judged(service: Service, uow: UnitOfWork, access: Access, rows: Sequence[Any],
            backdate: bool, canonical: bool, by_layout: bool) -> tuple[list[Result], list[Record]]:
    faults: list[list[Fault]] = [[] for _ in rows]
    if canonical:
        drafts = _filled(access, rows, faults)
    else:
        drafts = [read_new_values(access, row, found, backdate) for row, found in zip(rows, faults, strict=True)]
    if by_layout and access.record_type.layouts:
        check_new_records(service, uow.connection, access, drafts, faults)
    check_links(service, uow, access, drafts, faults)
    complete_files(uow, access, drafts, [None] * len(drafts), faults)
    results = [Result.refused(refusal(found)) if found else Result(201) for found in faults]
    if len(rows) > 1:
        _refuse_repeated(uow, access.record_type, drafts, results)
    return results, drafts


def _refuse_lines_of_locked(service: Service, uow: UnitOfWork, access: Access, drafts: Sequence[Record],
                            results: list[Result]) -> None:
    """Refuse lines of records that are locked."""
    above = Above(service, uow, access.principal, access.record_type, given=drafts)
    for place, draft in enumerate(drafts):
        if results[place].problem is None and (problem := above.problem(draft)) is not None:
            results[place] = Result.refused(problem)


def _filled(access: Access, rows: Sequence[Record], faults: Sequence[list[Fault]]) -> list[Record]:
    """Canonical rows with the defaults that they lack; a fault for what is required and has none."""
    blanks = blanks_of(access)
    for name in blanks.required:
        for row, found in zip(rows, faults, strict=True):
            if name not in row:
                found.append(Fault(pointer_to(name), "required"))
    return [{**blanks.defaults, **row} for row in rows]


def _refuse_repeated(uow: UnitOfWork, record_type: RecordType, drafts: Sequence[Record],
                     results: list[Result]) -> None:
    """Refuse rows whose unique values stand already, in the table or in an earlier row."""
    for name, field in record_type.fields.items():
        if not field.unique or not field.row.given:
            continue
        values = [draft.get(name) for draft in drafts]
        taken = _standing(uow, record_type, name, {value for value in values if value is not None})
        for value, place in zip(values, range(len(drafts)), strict=True):
            if value is None or results[place].problem is not None:
                continue
            if value in taken:
                results[place] = Result.refused(not_unique(name))
            taken.add(value)


def _standing(uow: UnitOfWork, record_type: RecordType, name: str, values: set[Any]) -> set[Any]:
    column, wanted, taken = record_type.columns[name], sorted(values), set()
    for start in range(0, len(wanted), _CHUNK):
        taken.update(uow.execute(select(column).where(column.in_(wanted[start:start + _CHUNK]))).scalars())
    return taken


def _completed(service: Service, uow: UnitOfWork, access: Access, drafts: Sequence[Record]) -> list[Record]:
    """Whole records in wire form: with ids, owners, departments, times and numbers."""
    now, people = moment_text(utcnow()), service.directory.snapshot().users
    caller, members = access.principal.user_id, access.record_type.fields
    blank, records = dict.fromkeys(members), []
    for draft in drafts:
        record = {"id": new_id(), "version": 1, "created_at": now, "created_by": caller, "updated_at": now,
                  "updated_by": caller, "owner_id": caller, "department_id": None, **blank, **draft}
        if "created_at" in draft or "updated_at" in draft:
            record["created_at"] = draft.get("created_at") or now
            record["updated_at"] = max(draft.get("updated_at") or record["created_at"], record["created_at"])
        owner = people.get(record["owner_id"] or "")
        record["department_id"] = owner.get("department_id") if owner else None
        if access.record_type.pools:
            place_new(access.record_type, record)
        records.append(record)
    for name, field in members.items():
        if field.type == "auto_number" and records:
            numbers = take_numbers(uow, access.record_type.name, field, len(records), _today(access.record_type))
            for record, number in zip(records, numbers, strict=True):
                record[name] = number
    return records


def _today(record_type: RecordType) -> date:
    """The day in the company's time zone."""
    scope = record_type.company_scope()
    return scope.now.astimezone(ZoneInfo(scope.timezone)).date()


def _kept(uow: UnitOfWork, access: Access, records: list[Record], keys: Keys | None) -> list[Result]:
    """Insert everything at once; when a constraint breaks (somebody was quicker), row by row."""
    if not records:
        return []
    try:
        with uow.savepoint():
            _insert(uow, access.record_type, records)
            _link(uow, access.record_type, records)
            _leave_traces(uow, access, records, keys)  # made while the database still takes the records in
        return [Result(201, record) for record in records]
    except IntegrityError:
        kept = [_insert_one(uow, access.record_type, record) for record in records]
        _leave_traces(uow, access, [result.record for result in kept if result.record is not None], keys)
        return kept


def _insert(uow: UnitOfWork, record_type: RecordType, records: Sequence[Record]) -> None:
    if uow.copies(len(records)):
        uow.copy(record_type.written, record_type.copy_lines(records))
    else:
        uow.insert_many(record_type.written, [record_type.params(record) for record in records])


def _insert_one(uow: UnitOfWork, record_type: RecordType, record: Record) -> Result:
    try:
        with uow.savepoint():
            uow.execute(record_type.insert, record_type.params(record))
            _link(uow, record_type, [record])
    except IntegrityError as error:
        return Result.refused(integrity_problem(error, record_type))
    return Result(201, record)


def _kept_alone(uow: UnitOfWork, access: Access, records: list[Record], keys: Keys | None) -> list[Result]:
    """Insert with all that follows and the commit in one round trip; a broken constraint ends the unit of work."""
    record_type = access.record_type
    uow.explain(lambda error: integrity_problem(error, record_type))
    uow.later(record_type.insert, [record_type.params(record) for record in records])
    _link(uow, record_type, records)
    _leave_traces(uow, access, records, keys)
    return [Result(201, record) for record in records]


def _link(uow: UnitOfWork, record_type: RecordType, records: list[Record]) -> None:
    pairs: list[tuple[Record, Record]] = [({}, record) for record in records]
    change_links(uow, record_type.link_tables, pairs)
    change_files(uow, record_type, pairs)


def _leave_traces(uow: UnitOfWork, access: Access, records: list[Record], keys: Keys | None) -> None:
    """Match keys, history and search; what waits to be sent comes last, for a COPY would wait for it."""
    add_keys(uow, access.record_type.definition, records, keys)
    remember(uow, access.record_type, access.principal, [Change(CREATED, one, told(one)) for one in records])
    index_new(uow, access.record_type, records)
