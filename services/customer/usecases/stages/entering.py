"""A record that comes into a stage brings its key tasks, in the transaction of the write that led it there.

The tasks get their ids here and go out with the change (`key_tasks`); the workflow service makes them. So a move is
held by them from its very moment on, and an event that is told twice makes no second task. A task that still stands
open from an earlier visit is not made again. As long as nobody is there to do them, tasks wait for an owner; they
change hands with the record, and when it is closed those of its other stages are cancelled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from chassis.clock import to_wire, utcnow
from chassis.context import current_cause
from chassis.db import UnitOfWork
from chassis.ids import new_id
from services.customer.store.record_type import RecordType
from services.customer.store.stage_work import OPEN, WAITING, let_go, stage_task, take_up, tasks_of

if TYPE_CHECKING:
    from services.customer.usecases.history import Change

_CREATED, _UPDATED = "created", "updated"


def follow_stages(uow: UnitOfWork, record_type: RecordType, by: str | None, changes: Sequence[Change]) -> None:
    """Note on each change what becomes of key tasks, and keep them."""
    pipelines = record_type.definition.key_tasks
    if not pipelines or not current_cause().rules:
        return
    telling = {*pipelines, "owner_id"}
    moved = [one for one in changes if _is_new(one) or (one.action == _UPDATED and not telling.isdisjoint(one.changed))]
    standing = tasks_of(uow.connection, [one.record["id"] for one in moved if one.action == _UPDATED], living=True)
    now, rows, taken, dropped = utcnow(), list[dict[str, Any]](), list[str](), list[str]()
    for change in moved:
        visit = _Visit(record_type.name, change, by, standing.get(change.record["id"], ()), now)
        for field, stages in pipelines.items():
            if field in change.changed:
                visit.come_into(field, change.record[field], stages)
        visit.change_hands()
        change.key_tasks = visit.told()
        rows += visit.rows
        taken += visit.taken
        dropped += visit.dropped
    if rows:
        uow.insert_many(stage_task, rows)
    take_up(uow, taken)
    let_go(uow, dropped)


def _is_new(change: Change) -> bool:
    """What comes back from a bin or out of a merge is created as well, under a later version."""
    return change.action == _CREATED and change.record["version"] == 1


class _Visit:
    """One change of a record and what it makes of key tasks; `standing` are those that are not closed."""

    def __init__(self, object_name: str, change: Change, by: str | None, standing: Iterable[Any],
                 now: datetime) -> None:
        self._object, self._change, self._standing, self._now = object_name, change, list(standing), now
        self._is_somebody_there = bool(change.record["owner_id"] or by)
        self._handed: list[str] = []
        self._added: list[dict[str, Any]] = []
        self.rows: list[dict[str, Any]] = []
        self.taken: list[str] = []
        self.dropped: list[str] = []

    def come_into(self, field: str, value: Any, stages: Mapping[str, Mapping[str, Any]]) -> None:
        """Add the tasks of a stage, and let go of those of others when it closes the record."""
        stage = stages.get(value) or {}
        if stage.get("closed"):
            self._drop([one for one in self._standing if one.field == field and one.stage != value])
        still = [one.title for one in self._standing if (one.field, one.stage) == (field, value)]
        for task in stage.get("tasks") or ():
            if task["title"] not in still:
                self._add(field, value, task)

    def change_hands(self) -> None:
        """A new owner takes up what has waited, and takes over what is open."""
        if "owner_id" not in self._change.changed or not self._change.record["owner_id"]:
            return
        waiting = [one for one in self._standing if one.state == WAITING]
        self.taken = [one.id for one in waiting]
        self._added += [_wire(one.id, one.title, to_wire(one.due_at)) for one in waiting]
        self._handed = [one.id for one in self._standing if one.state == OPEN]

    def told(self) -> dict[str, Any] | None:
        """What the event says; None when nothing happens to key tasks."""
        said = {"add": self._added, "cancel": self.dropped, "hand_over": self._handed}
        return {name: some for name, some in said.items() if some} or None

    def _drop(self, some: list[Any]) -> None:
        self.dropped += [one.id for one in some]
        self._standing = [one for one in self._standing if one not in some]

    def _add(self, field: str, stage: str, task: Mapping[str, Any]) -> None:
        id, due_at = new_id(), self._now + timedelta(days=task["days"])
        self.rows.append({
            "id": id, "object": self._object, "record_id": self._change.record["id"], "field": field, "stage": stage,
            "title": task["title"], "due_at": due_at, "state": OPEN if self._is_somebody_there else WAITING,
            "assignee_id": None, "version": 0})
        if self._is_somebody_there:
            self._added.append(_wire(id, task["title"], to_wire(due_at)))


def _wire(id: str, title: Mapping[str, str], due_at: str) -> dict[str, Any]:
    return {"id": id, "title": dict(title), "due_at": due_at}
