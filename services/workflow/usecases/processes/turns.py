"""The turns of user tasks in the to-do lists of people: a task for each of them, closed when one has acted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from chassis.context import current_cause
from chassis.db import UnitOfWork
from chassis.ids import new_id
from services.workflow.events import publish_notifications, publish_tasks
from services.workflow.metrics import TASKS_CLOSED, TASKS_CREATED
from services.workflow.model.processes.definition import Node
from services.workflow.model.processes.waiting import Work
from services.workflow.store.tables import task
from services.workflow.usecases.deputies import Deputies
from services.workflow.usecases.notifying import task_notification
from services.workflow.usecases.people import names_of
from services.workflow.usecases.processes.timing import reached
from services.workflow.usecases.task_rows import counted, task_row

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
_CLOSED = ("state", "completed_at", "completed_by", "version", "updated_at")
_CLOSE = update(task).where(task.c.id == bindparam("task")).values({name: bindparam(name) for name in _CLOSED})


@dataclass(frozen=True)
class Doing:
    """The instance whose people get or lose tasks."""

    service: Service
    uow: UnitOfWork
    instance: Row
    now: datetime

    def publish(self, action: str, rows: Sequence[Row], decision: str | None = None) -> None:
        """Tell of tasks, and how they were decided."""
        if rows:
            publish_tasks(self.uow, action, rows, names_of(self.service, rows), self.service.settings.default_locale,
                          {row["id"]: decision for row in rows} if decision else None)


def open_turns(doing: Doing, turns: Sequence[tuple[Work, Node]], record: Row, title: str) -> None:
    """Give each person of these turns a task, and tell him."""
    deputies = Deputies(doing.uow, doing.service.directory.snapshot(), doing.now)
    rows = [_row(doing, deputies, work, node, person, record, title) for work, node in turns for person in work.people]
    if not rows:
        return
    doing.uow.execute(task.insert(), rows)
    doing.publish("created", rows)
    bulk = current_cause().bulk_id
    publish_notifications(doing.uow, [task_notification(
        row, (row["id"], 1, row["assignee_id"]), by=doing.instance["process_name"], bulk=bulk) for row in rows])
    doing.uow.after_commit(lambda: TASKS_CREATED.labels("process").inc(len(rows)))


def _row(doing: Doing, deputies: Deputies, work: Work, node: Node, person: str, record: Row,
         title: str) -> dict[str, Any]:
    instance, who = doing.instance, deputies.columns(person, but=(doing.instance["applicant_id"],))
    return task_row(
        id=new_id(), title=dict(node.names) or {doing.service.settings.default_locale: node.name},
        **who, created_at=doing.now, due_at=_due(doing, node, who["department_id"]), due_in=counted(node.due),
        creator_kind="process", creator_id=instance["process_id"], creator_name=instance["process_name"],
        link_object=instance["object"], link_id=instance["record_id"], link_title=title,
        link_version=record["version"], instance_id=instance["id"],
        step={"token": work.token, "turn": work.turn, "node": node.id, "decision": node.decision,
              "applicant": instance["applicant_id"]})


def _due(doing: Doing, node: Node, department: str | None) -> datetime | None:
    """Until when, by the calendar of who has to act. Raises CannotGoOn."""
    if node.due is None:
        return None
    service = doing.service
    calendar = service.directory.snapshot().calendar_of(department, service.settings.default_timezone)
    return reached(node.due, doing.now, calendar, node.id)


def close_turns(doing: Doing, turns: Collection[tuple[int, int]], done_id: str | None, by: str | None,
                decision: str | None = None) -> None:
    """Close the open tasks of these turns: one was done and so decided, the others are not needed any more."""
    if turns:
        rows = [row for row in _open(doing) if (row["step"]["token"], row["step"]["turn"]) in turns]
        _close(doing, rows, done_id, by, {"done": decision})


def close_all(doing: Doing, decision: str) -> None:
    """Close whatever tasks an instance has."""
    _close(doing, _open(doing), None, None, {"cancelled": decision})


def _open(doing: Doing) -> Sequence[Row]:
    return doing.uow.execute(select(task).where(
        task.c.instance_id == doing.instance["id"], task.c.state == "open").order_by(task.c.id).with_for_update()
    ).mappings().all()


def _close(doing: Doing, rows: Sequence[Row], done_id: str | None, by: str | None,
           decisions: Mapping[str, str | None]) -> None:
    closed = [_closed(row, doing.now, by if row["id"] == done_id else None) for row in rows]
    if not closed:
        return
    doing.uow.execute(_CLOSE, [{"task": row["id"], **{name: row[name] for name in _CLOSED}} for row in closed])
    for state, action in (("done", "completed"), ("cancelled", "cancelled")):
        some = [row for row in closed if row["state"] == state]
        doing.publish(action, some, decisions.get(state))
        doing.uow.after_commit(partial(TASKS_CLOSED.labels(state).inc, len(some)))


def _closed(row: Row, now: datetime, by: str | None) -> dict[str, Any]:
    done = {"state": "done", "completed_at": now, "completed_by": by} if by else {"state": "cancelled"}
    return dict(row) | done | {"version": row["version"] + 1, "updated_at": now}
