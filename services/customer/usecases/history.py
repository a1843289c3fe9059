"""What every write leaves behind: a line of the record's history and a change in an event, in the same transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chassis.auth.principal import Principal
from chassis.context import Cause, current_cause
from chassis.db import UnitOfWork
from chassis.db.bulk import NULL, copied, copied_json
from chassis.ids import new_id
from services.customer.events import MAX_CHANGES, publish_changes
from services.customer.metrics import RECORDS_WRITTEN
from services.customer.model.values.times import parse_moment
from services.customer.store.record_type import Record, RecordType
from services.customer.store.tables import record_change
from services.customer.usecases.calculations.due import leave_due
from services.customer.usecases.segments.due import leave_to_segments
from services.customer.usecases.segments.follow import follow_segments
from services.customer.usecases.stages.entering import follow_stages

CREATED, UPDATED, DELETED = "created", "updated", "deleted"
CALCULATED = "calculated"  # an update of calculated fields alone; listeners hear of it as an update
_UNTOLD = frozenset({"id", "version", "created_at", "created_by", "updated_at", "updated_by"})


@dataclass(slots=True)
class Change:
    """One record's change: the whole record after it (before it when it was deleted), what changed, what it was.

    `because` names the record whose writing brought it about: `{"object", "id"}`; `note` tells more of the reason;
    `key_tasks` is what becomes of key tasks of its stages.
    """

    action: str
    record: Record
    changed: Sequence[str]
    before: Record = field(default_factory=dict)
    because: Mapping[str, str] | None = None
    note: Mapping[str, Any] | None = None
    key_tasks: Mapping[str, Any] | None = None

    @property
    def reason(self) -> dict[str, Any]:
        """What its line of the history says beside its origin."""
        return ({"because": dict(self.because)} if self.because else {}) | dict(self.note or {})

    @property
    def at(self) -> str:
        """When it happened, in wire form."""
        return self.record["updated_at"]

    def pairs(self) -> dict[str, list[Any]]:
        """Field → [before, after]."""
        if self.action == DELETED:
            return {name: [self.record[name], None] for name in told(self.record)}
        if self.action == CREATED:
            return {name: [None, self.record[name]] for name in self.changed}
        return {name: [self.before.get(name), self.record[name]] for name in self.changed}


def told(record: Record) -> list[str]:
    """The members with a value, without those that every write sets."""
    return [name for name, value in record.items() if value is not None and name not in _UNTOLD]


def remember(uow: UnitOfWork, record_type: RecordType, principal: Principal, changes: Sequence[Change],
             at: str | None = None, *, lines: bool = True) -> None:
    """Write history, leave what is to be calculated elsewhere, and publish events for changes of one object.

    `at` is when records were deleted or calculated; without `lines` the history is silent.
    """
    if not changes:
        return
    if lines and uow.copies(len(changes)):
        uow.copy(record_change, _copied_lines(record_type.name, principal, changes, at))
    elif lines:
        uow.insert_many(record_change, list(_lines(record_type.name, principal, changes, at)))
    leave_due(uow, record_type, changes)
    follow_segments(uow, record_type, principal.user_id, changes)
    leave_to_segments(uow, record_type, changes)
    follow_stages(uow, record_type, principal.user_id, changes)
    for start in range(0, len(changes), MAX_CHANGES):
        publish_changes(uow, record_type.name, principal.user_id, changes[start:start + MAX_CHANGES], at)
    _count(uow, record_type.name, changes)


def _lines(object_name: str, principal: Principal, changes: Iterable[Change], at: str | None) -> Iterable[Any]:
    cause = current_cause()
    origin = _origin(cause)
    for change in changes:
        yield {"record_id": change.record["id"], "at": parse_moment(at or change.at), "id": new_id(),
               "object": object_name, "version": change.record["version"], "action": change.action,
               "by_id": principal.user_id, "by_name": principal.name,
               "origin": origin | change.reason,
               "request_id": cause.request_id, "changes": change.pairs()}


def _copied_lines(object_name: str, principal: Principal, changes: Iterable[Change], at: str | None) -> Iterable[str]:
    """The same as lines of COPY; what all of them say is written once."""
    cause = current_cause()
    origin = _origin(cause)
    by = f"{principal.user_id or NULL}\t{NULL if principal.name is None else copied(principal.name)}"
    usual, request_id = copied_json(origin), copied(cause.request_id)
    for change in changes:
        record = change.record
        because = copied_json(origin | reason) if (reason := change.reason) else usual
        yield (f"{record['id']}\t{at or record['updated_at']}\t{new_id()}\t{object_name}\t{record['version']}\t"
               f"{change.action}\t{by}\t{because}\t{request_id}\t{copied_json(change.pairs())}")


def _origin(cause: Cause) -> dict[str, Any]:
    """Where the changes come from, and that no rule was to act on them."""
    origin = {"kind": cause.origin.kind, "id": cause.origin.id, "name": cause.origin.name}
    return origin if cause.rules else origin | {"rules": False}


def _count(uow: UnitOfWork, object_name: str, changes: Sequence[Change]) -> None:
    def count() -> None:
        for action, number in Counter(change.action for change in changes).items():
            RECORDS_WRITTEN.labels(object_name, action).inc(number)

    uow.after_commit(count)
