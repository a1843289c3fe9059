"""Tasks, as the API shows them: lists, one, and the caller's counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, select

from chassis.auth import Principal
from chassis.http.problem import not_found
from chassis.ids import is_id
from services.workflow.events import task_on_wire
from services.workflow.queries.task_access import visible_to
from services.workflow.store.tables import task

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
_TASK = task.c
ORDERS = {"due_at": _TASK.due_sort, "created_at": _TASK.created_at, "updated_at": _TASK.updated_at}


def select_tasks(principal: Principal, filters: Row, now: datetime) -> Select[Any]:
    """Return the statement of the tasks that the caller sees and asks for; without a filter on people, his own."""
    statement = select(task).where(visible_to(principal))
    for name, column in (("state", _TASK.state), ("kind", _TASK.kind), ("object", _TASK.link_object),
                         ("record_id", _TASK.link_id), ("assignee_id", _TASK.assignee_id)):
        if filters.get(name) is not None:
            statement = statement.where(column == filters[name])
    if filters.get("due") is not None:
        statement = statement.where(_due(filters["due"], principal, now))
    return statement.where(*_whose(principal, filters))


def order_of(sort: str) -> list[tuple[ColumnElement[Any], bool]]:
    """Return the order for a sort such as `-created_at`; tasks without a date come last by date."""
    down = sort.startswith("-")
    return [(ORDERS[sort.removeprefix("-")], down), (_TASK.id, down)]


def find_task(connection: Connection, principal: Principal, id: str, *, lock: bool = False) -> Row:
    """Return a task that the caller sees; raises 404."""
    statement = select(task).where(_TASK.id == id, visible_to(principal))
    row = None
    if is_id(id):
        row = connection.execute(statement.with_for_update() if lock else statement).mappings().one_or_none()
    if row is None:
        raise not_found("task")
    return row


def show_task(service: Service, row: Row, locale: str) -> dict[str, Any]:
    """Return a task on the wire, its texts in one language."""
    return task_on_wire(row, service.directory.name_of(row["assignee_id"]), locale) | {
        "process": _step(service, row), "on_behalf_of": _absent(service, row)}


def _absent(service: Service, row: Row) -> dict[str, Any] | None:
    """For whom the assignee stands in."""
    return {"id": row["for_id"], "name": service.directory.name_of(row["for_id"])} if row["for_id"] else None


def _step(service: Service, row: Row) -> dict[str, Any] | None:
    """Which step of which process a task is, whether it decides, and who applied."""
    if row["instance_id"] is None:
        return None
    step, applicant = row["step"], row["step"].get("applicant")
    return {"instance_id": row["instance_id"], "node": step["node"], "decision": step["decision"],
            "applicant": {"id": applicant, "name": service.directory.name_of(applicant)}}


def summary(connection: Connection, principal: Principal, now: datetime) -> dict[str, int]:
    """Count the caller's own open tasks: all, those that are late, those of today."""
    counted = {"open": func.count(), "overdue": _count(_due("overdue", principal, now)),
               "today": _count(_due("today", principal, now))}
    row = connection.execute(select(*(column.label(name) for name, column in counted.items())).where(
        _TASK.assignee_id == principal.user_id, _TASK.state == "open")).mappings().one()
    return {name: row[name] or 0 for name in counted}


def _whose(principal: Principal, filters: Row) -> list[ColumnElement[bool]]:
    view = filters.get("view")
    if view is None and (filters.get("assignee_id") or filters.get("record_id")):
        view = "visible"
    if view == "visible":
        return []
    column = {"created": _TASK.creator_id, "deputy": _TASK.for_id}.get(view or "", _TASK.assignee_id)
    return [column == principal.user_id]


def _due(when: str, principal: Principal, now: datetime) -> ColumnElement[bool]:
    if when == "overdue":
        return and_(_TASK.state == "open", _TASK.due_sort < now)
    zone = ZoneInfo(principal.timezone)
    today = now.astimezone(zone).date()
    first, days = (today, 1) if when == "today" else (today - timedelta(days=today.weekday()), 7)
    start, end = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (first, first + timedelta(days=days)))
    return and_(_TASK.due_sort >= start, _TASK.due_sort < end)


def _count(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.sum(case((condition, 1), else_=0))
