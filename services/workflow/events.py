"""What the service publishes. Shapes are in contracts/events; the builders here are the only places that make them.

Each event speaks of at most `MAX_ITEMS` things; more of them are more events.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from chassis.clock import to_wire
from chassis.db import UnitOfWork
from services.workflow.model.texts import pick

TASK_CHANGED = "freehold.workflow.task.changed.v1"
RUN_RECORDED = "freehold.workflow.run.recorded.v1"
NOTIFICATION_REQUESTED = "freehold.workflow.notification.requested.v1"
MAIL_REQUESTED = "freehold.workflow.mail.requested.v1"
AUDIT_RECORDED = "freehold.workflow.audit.recorded.v1"  # by chassis.auditing
PUBLISHES = (TASK_CHANGED, RUN_RECORDED, NOTIFICATION_REQUESTED, MAIL_REQUESTED, AUDIT_RECORDED)
MAX_ITEMS = 500

Row = Mapping[str, Any]


def publish_tasks(uow: UnitOfWork, action: str, tasks: Sequence[Row], names: Mapping[str, str], locale: str,
                  decisions: Mapping[str, str] | None = None) -> None:
    """Publish rows of tasks; `names` names their assignees, `locale` is the language of plain texts.

    `decisions` says, by the ids of tasks, how steps of processes were decided.
    """
    for some in _some(tasks):
        uow.publish(TASK_CHANGED, None, {"action": action, "tasks": [
            _task(row, names, locale) | _decided(row, decisions or {}) for row in some]})


def publish_runs(uow: UnitOfWork, runs: Sequence[Row]) -> None:
    """Publish rows of runs that have come to an end."""
    for some in _some(runs):
        uow.publish(RUN_RECORDED, None, {"runs": [_run(row) for row in some]})


def publish_notifications(uow: UnitOfWork, notifications: Sequence[Row]) -> None:
    """Publish that people should be told something."""
    for some in _some(notifications):
        uow.publish(NOTIFICATION_REQUESTED, None, {"notifications": list(some)})


def publish_mails(uow: UnitOfWork, mails: Sequence[Row]) -> None:
    """Publish that customers should be written to."""
    for some in _some(mails):
        uow.publish(MAIL_REQUESTED, None, {"mails": list(some)})


def task_on_wire(row: Row, name: str | None, locale: str) -> dict[str, Any]:
    """Return a task as the API and the events show it, its texts in one language."""
    link = {"object": row["link_object"], "id": row["link_id"], "title": row["link_title"]} if row["link_id"] else None
    return {"id": row["id"], "title": pick(row["title"], locale), "kind": row["kind"], "state": row["state"],
            "due_at": _moment(row["due_at"]), "assignee_id": row["assignee_id"], "assignee_name": name, "link": link,
            "created_by": {"kind": row["creator_kind"], "id": row["creator_id"],
                           "name": pick(row["creator_name"], locale)},
            "created_at": to_wire(row["created_at"]), "completed_at": _moment(row["completed_at"]),
            "completed_by": row["completed_by"], "version": row["version"]}


def _task(row: Row, names: Mapping[str, str], locale: str) -> dict[str, Any]:
    return task_on_wire(row, names.get(row["assignee_id"]), locale) | {"titles": dict(row["title"])}


def _decided(row: Row, decisions: Mapping[str, str]) -> dict[str, Any]:
    decision = decisions.get(row["id"])
    return {"decision": decision} if decision else {}


def _run(row: Row) -> dict[str, Any]:
    return {"id": row["id"], "rule_id": row["rule_id"], "rule_name": row["rule_name"], "object": row["object"],
            "record_id": row["record_id"], "outcome": row["outcome"], "actions": row["actions"],
            "detail": row["error"] or row["reason"].get("text"), "at": to_wire(row["at"])}


def _moment(value: Any) -> str | None:
    return to_wire(value) if value is not None else None


def _some(items: Sequence[Row]) -> Iterator[list[Row]]:
    rest = iter(items)
    while some := list(islice(rest, MAX_ITEMS)):
        yield some
