"""Locked records stay as they are, whoever writes: people, their programs, imports, rules and processes.

Judged is the record as it stands. Fields that the lock leaves open may change; when such a change would open the record
again, that takes the action `unlock` on a record of one's own, and then the same change may give other fields new
values as well. Lines may not come, change or go while the record that they are lines of is locked; that one is locked
first, in the order of ids, so nobody signs a contract while somebody else is writing one of its lines.

Not held is what the system does by itself: roll-ups and formulas, the department that follows an owner, links that
follow a merge, an erasure that the law demands. Rules and processes may open a record, since whoever may write them
decided so, but they change nothing that is locked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from chassis.auth.principal import Principal
from chassis.db import UnitOfWork
from chassis.http.problem import FieldProblem, Problem
from chassis.ids import is_id
from services.customer.model.faults import pointer_to
from services.customer.model.locks import Lock
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.edits import Edit
from services.customer.usecases.results import Result

if TYPE_CHECKING:
    from chassis.service import Service

UNLOCK = "unlock"
EVERY, OWN, NONE = "every", "own", "none"  # which locks a write is held to; OWN: the one above has been judged already
_LEVELS = 3
_AT_ONCE = 500


def is_locked(record_type: RecordType, record: Record) -> bool:
    """Whether a record is locked by itself."""
    return record_type.lock is not None and record_type.lock.holds(record, record_type.company_scope())


def is_system(principal: Principal) -> bool:
    """Whether this service itself acts, for the law or to keep things in order."""
    return principal.kind == "service" and principal.name == "customer"


def refuse_locked(access: Access, edits: list[Edit | None], results: list[Result]) -> None:
    """Refuse the edits that a lock of their own record does not let through."""
    lock = access.record_type.lock
    if lock is None or is_system(access.principal):
        return
    for place, edit in enumerate(edits):
        if edit is not None and (problem := lock_problem(access, lock, edit.before, edit.after, edit.changed)):
            results[place], edits[place] = Result.refused(problem), None


def lock_problem(access: Access, lock: Lock, before: Record, after: Record,
                 changed: Collection[str]) -> Problem | None:
    """The 409 problem of a change that the lock of the record does not let through, if it does not."""
    record_type = access.record_type
    scope = record_type.company_scope()
    if not lock.holds(before, scope):
        return None
    opens = not lock.holds(after, scope)
    if opens and access.policy.allows(UNLOCK) and access.owns(before):
        return None
    given = [name for name in changed if name not in record_type.fields or record_type.fields[name].row.given]
    closed = lock.closed(given)
    if not closed and not opens:
        return None
    if closed:
        return locked(record_type, [pointer_to(name) for name in closed])
    asked = [FieldProblem(pointer_to(name), "unlock_not_granted") for name in given if name in lock.asked]
    return Problem(409, "unlock_not_granted", errors=asked)


def locked(record_type: RecordType, pointers: Iterable[str] = ()) -> Problem:
    """The problem of a locked record, in the words of whoever made the lock."""
    message = record_type.lock.message if record_type.lock is not None else {}
    said = {"said": dict(message)} if message else {}
    return Problem(409, "record_locked", params=said,
                   errors=[FieldProblem(pointer, "record_locked", said) for pointer in pointers])


class Above:
    """The locks of the records that some records are lines of; these are locked when the object is made.

    `given` are the values that the lines get; lines that stand are named by `ids`.
    """

    def __init__(self, service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType, *,
                 ids: Sequence[str] = (), given: Iterable[Any] = ()) -> None:
        self._service, self._uow = service, uow
        self._told = None if is_system(principal) else _above(service, record_type)
        self._known: dict[str, bool] = {}
        if self._told is not None:
            reference = self._told[0]
            found = (one.get(reference) for one in given if isinstance(one, dict))
            wanted = {one for one in found if isinstance(one, str) and is_id(one)}
            self._ask(wanted | self._parents(record_type, [one for one in ids if is_id(one)]))

    def problem(self, *states: Record) -> Problem | None:
        """The problem of writing a line that belongs to a locked record in one of these states of it."""
        holder = self.holder(*states)
        return None if holder is None or self._told is None else locked(holder, [pointer_to(self._told[0])])

    def holder(self, *states: Record) -> RecordType | None:
        """What a line belongs to in one of these states of it, when that is locked."""
        if self._told is None:
            return None
        reference, parent = self._told
        wanted = {one for state in states if (one := state.get(reference))}
        self._ask(wanted - self._known.keys())
        return parent if any(self._known.get(one) for one in wanted) else None

    def refuse_edits(self, edits: list[Edit | None], results: list[Result]) -> None:
        """Refuse the edits of lines that belong, or would belong, to locked records."""
        for place, edit in enumerate(edits if self._told is not None else ()):
            if edit is not None and (problem := self.problem(edit.before, edit.after)) is not None:
                results[place], edits[place] = Result.refused(problem), None

    def _parents(self, record_type: RecordType, ids: Sequence[str]) -> set[str]:
        assert self._told is not None
        column, found = record_type.columns[self._told[0]], set()
        for start in range(0, len(ids), _AT_ONCE):
            query = select(column).where(record_type.table.c.id.in_(ids[start:start + _AT_ONCE]))
            found.update(one for one in self._uow.execute(query).scalars() if one)
        return found

    def _ask(self, ids: Collection[str]) -> None:
        assert self._told is not None
        held = _locked_among(self._service, self._uow, self._told[1], sorted(ids), _LEVELS)
        self._known |= {one: one in held for one in ids}


def locks_of_moving(service: Service, principal: Principal, record_type: RecordType) -> str:
    """Which locks hold while whole books are moved in or out, by an import or backdated: none for who may unlock."""
    told = _above(service, record_type)
    holder = record_type if told is None else told[1]
    return NONE if principal.objects(holder.name).allows(UNLOCK) else EVERY


def _above(service: Service, record_type: RecordType) -> tuple[str, RecordType] | None:
    """The reference to what records are lines of, and its record type, when there are locks up there."""
    told = record_type.definition.line_of
    field = record_type.fields.get(told["reference"]) if told else None
    parent = service.parts["types"].find(field.target) if field is not None else None
    types = service.parts["types"].all()
    if field is None or parent is None or not any(one.lock for one in _chain(types, parent, _LEVELS)):
        return None
    return field.name, parent


def _chain(types: Mapping[str, RecordType], record_type: RecordType, levels: int) -> Iterable[RecordType]:
    yield record_type
    told = record_type.definition.line_of
    field = record_type.fields.get(told["reference"]) if told else None
    above = types.get(field.target or "") if field is not None else None
    if above is not None and levels:
        yield from _chain(types, above, levels - 1)


def _locked_among(service: Service, uow: UnitOfWork, record_type: RecordType, ids: Sequence[str],
                  levels: int) -> set[str]:
    """Which of the records are locked, by themselves or by what they are lines of."""
    records = [record_type.load(row) for start in range(0, len(ids), _AT_ONCE)
               for row in uow.execute(record_type.many_for_touch, {"ids": ids[start:start + _AT_ONCE]}).all()]
    held = {record["id"] for record in records if is_locked(record_type, record)}
    told = _above(service, record_type) if levels else None
    if told is not None:
        reference, parent = told
        above = _locked_among(service, uow, parent, sorted({one[reference] for one in records if one[reference]}),
                              levels - 1)
        held |= {record["id"] for record in records if record[reference] in above}
    return held
