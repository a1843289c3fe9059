"""People create, change, complete, reopen and cancel tasks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from chassis.auth import Principal
from chassis.calls import Answer
from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.http.etag import check_if_match
from chassis.http.problem import FieldProblem, Problem, invalid
from chassis.ids import new_id
from services.workflow.events import publish_notifications, publish_tasks
from services.workflow.metrics import TASKS_CLOSED, TASKS_CREATED
from services.workflow.queries.task_access import may_change
from services.workflow.queries.tasks import find_task
from services.workflow.store.objects import find_object
from services.workflow.store.tables import task, task_kind
from services.workflow.usecases.deputies import Deputies
from services.workflow.usecases.notifying import task_notification
from services.workflow.usecases.people import names_of
from services.workflow.usecases.task_rows import due_sort, task_row

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
ReadRecord = Callable[[str, str], Answer]
_CLOSING = {"done": "completed", "cancelled": "cancelled"}


def create_task(service: Service, uow: UnitOfWork, principal: Principal, body: Row, read: ReadRecord) -> Row:
    """Create a task; without an assignee it is the caller's own. `read` reads a record as the caller."""
    given = {"kind": None, "due_at": None, "link": None} | dict(body)
    given.setdefault("assignee_id", principal.user_id)
    row = task_row(id=new_id(), created_at=utcnow(), creator_kind="person", creator_id=principal.user_id,
                   creator_name={principal.locale: principal.name}, **_columns(service, uow, principal, given, read))
    uow.execute(task.insert().values(row))
    _publish(service, uow, "created", row)
    _tell_assignee(uow, principal, row)
    uow.after_commit(TASKS_CREATED.labels("person").inc)
    return row


def change_task(service: Service, uow: UnitOfWork, principal: Principal, id: str, changes: Row,
                read: ReadRecord) -> Row:
    """Change an open task; a change of nothing makes no new version."""
    known = _changeable(uow, principal, id)
    if known["state"] != "open":
        raise Problem(409, "task_closed")
    if changes.get("due_at") == known["due_at"]:  # sent again, not set: what counts in working time goes on doing so
        changes = {name: value for name, value in changes.items() if name != "due_at"}
    columns = _columns(service, uow, principal, changes, read)
    if all(known[name] == value for name, value in columns.items()):
        return known
    row = _write(service, uow, known, columns, "updated")
    if row["assignee_id"] != known["assignee_id"]:
        _tell_assignee(uow, principal, row)
    return row


def close_task(service: Service, uow: UnitOfWork, principal: Principal, id: str, state: str) -> Row:
    """Complete (`done`) or cancel (`cancelled`) a task; doing it twice changes nothing."""
    known = _changeable(uow, principal, id)
    if known["state"] == state:
        return known
    if known["state"] != "open":
        raise Problem(409, "task_closed")
    done = {"completed_at": utcnow(), "completed_by": principal.user_id} if state == "done" else {}
    uow.after_commit(TASKS_CLOSED.labels(state).inc)
    return _write(service, uow, known, {"state": state, **done}, _CLOSING[state])


def reopen_task(service: Service, uow: UnitOfWork, principal: Principal, id: str) -> Row:
    """Open a closed task again."""
    known = _changeable(uow, principal, id)
    if known["state"] == "open":
        return known
    return _write(service, uow, known, {"state": "open", "completed_at": None, "completed_by": None}, "updated")


def _changeable(uow: UnitOfWork, principal: Principal, id: str) -> Row:
    known = find_task(uow.connection, principal, id, lock=True)
    if not may_change(principal, known):
        raise Problem(403, "task_not_yours")
    if known["instance_id"] is not None:
        raise Problem(409, "task_of_process")
    check_if_match(known["version"])
    return known


def _write(service: Service, uow: UnitOfWork, known: Row, changes: Row, action: str) -> Row:
    changed = dict(changes) | {"version": known["version"] + 1, "updated_at": utcnow()}
    uow.execute(update(task).where(task.c.id == known["id"]).values(changed))
    row = dict(known) | changed
    _publish(service, uow, action, row)
    return row


def _publish(service: Service, uow: UnitOfWork, action: str, row: Row) -> None:
    publish_tasks(uow, action, [row], names_of(service, [row]), service.settings.default_locale)


def _tell_assignee(uow: UnitOfWork, principal: Principal, row: Row) -> None:
    if row["assignee_id"] != principal.user_id:
        cause = (row["id"], row["version"], row["assignee_id"])
        publish_notifications(uow, [task_notification(row, cause, by=principal.name)])


def _columns(service: Service, uow: UnitOfWork, principal: Principal, given: Row, read: ReadRecord) -> dict[str, Any]:
    """The columns of what was given; raises 422 for a kind, a person or a record that does not exist."""
    columns: dict[str, Any] = {}
    if "title" in given:
        columns["title"] = {principal.locale: given["title"]}
    if "kind" in given:
        columns["kind"] = _kind(uow, given["kind"])
    if "due_at" in given:
        columns |= {"due_at": given["due_at"], "due_sort": due_sort(given["due_at"]), "due_in": None}
    if "assignee_id" in given:
        columns |= _assignee(service, uow, principal, given["assignee_id"])
    if "link" in given:
        columns |= _link(service, uow, given["link"], read)
    return columns


def _kind(uow: UnitOfWork, key: str | None) -> str | None:
    known = select(task_kind.c.key).where(task_kind.c.key == key, task_kind.c.active)
    if key is not None and uow.execute(known).scalar() is None:
        raise invalid(FieldProblem("/kind", "task_kind_unknown"))
    return key


def _assignee(service: Service, uow: UnitOfWork, principal: Principal, user_id: str | None) -> dict[str, Any]:
    """Whom a task goes to; who gives it to himself does it himself, and a deputy can give it back."""
    user = service.directory.snapshot().users.get(user_id or "")
    if user is None or not user["active"]:
        raise invalid(FieldProblem("/assignee_id", "user_unknown"))
    if user_id == principal.user_id:
        return {"assignee_id": user_id, "department_id": user.get("department_id"), "for_id": None}
    return Deputies(uow, service.directory.snapshot(), utcnow()).columns(user_id, but=(principal.user_id,))


def _link(service: Service, uow: UnitOfWork, link: Row | None, read: ReadRecord) -> dict[str, Any]:
    if link is None:
        return dict.fromkeys(("link_object", "link_id", "link_title", "link_version"))
    model = find_object(uow, service.calls, link["object"])
    if model is None:
        raise invalid(FieldProblem("/link/object", "object_unknown"))
    answer = read(link["object"], link["id"])
    if answer.status in (403, 404):
        raise invalid(FieldProblem("/link/id", "record_unknown"))
    if answer.status != 200:
        raise Problem(503, "unavailable", headers={"Retry-After": "2"})
    return {"link_object": link["object"], "link_id": link["id"], "link_title": model.title_of(answer.json),
            "link_version": answer.json["version"]}
