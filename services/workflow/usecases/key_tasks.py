"""Key tasks of stages: a record that comes into a stage brings them, as the customer service says with the change.

Their ids are given, so a change that is told again makes none twice. They belong to the owner of the record, as long as
there is none to whoever moved it, and to the deputy of who is away; they change hands with the record. Where nobody is
left to do one, it is said to be cancelled, so that nothing waits for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from chassis.clock import from_wire
from chassis.context import with_cause
from chassis.db import UnitOfWork, insert_or
from chassis.events.message import Message
from services.workflow.events import publish_notifications, publish_tasks
from services.workflow.metrics import TASKS_CLOSED, TASKS_CREATED
from services.workflow.model.objects import ObjectModel
from services.workflow.store.rulebook import Book
from services.workflow.store.tables import task
from services.workflow.usecases.deputies import Deputies
from services.workflow.usecases.notifying import task_notification
from services.workflow.usecases.people import names_of
from services.workflow.usecases.task_rows import task_row

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
_SLICE = 500
_KNOWN = select(task.c.id).where(task.c.id.in_(bindparam("ids", expanding=True)))
_OPEN = select(task).where(task.c.id.in_(bindparam("ids", expanding=True)), task.c.state == "open").order_by(
    task.c.id).with_for_update()
_WRITTEN = ("state", "assignee_id", "department_id", "for_id", "version", "updated_at")
_CHANGE = update(task).where(task.c.id == bindparam("task")).values({name: bindparam(name) for name in _WRITTEN})


@dataclass(frozen=True)
class _News:
    """What one change says of key tasks."""

    message: Message
    model: ObjectModel | None  # None: its definition has not come yet
    change: Row

    def of(self, kind: str) -> Sequence[Any]:
        return self.change["key_tasks"].get(kind, ())


def follow_stages(service: Service, uow: UnitOfWork, book: Book, messages: Sequence[Message], now: datetime) -> None:
    """Make the key tasks of stages that records came into, hand them over, and cancel those of closed records."""
    deputies = Deputies(uow, service.directory.snapshot(), now)
    for one in _news(book, messages):
        with with_cause(one.message.cause()):
            _add(service, uow, one, deputies, now)
            _cancel(service, uow, one, now)
            _hand_over(service, uow, one, deputies, now)


def _news(book: Book, messages: Sequence[Message]) -> Iterator[_News]:
    for message in messages:
        model = book.objects.get(message.data["object"])
        yield from (_News(message, model, change) for change in message.data["changes"] if "key_tasks" in change)


def _add(service: Service, uow: UnitOfWork, one: _News, deputies: Deputies, now: datetime) -> None:
    added = {row["id"]: row for row in one.of("add")}
    known = set(uow.execute(_KNOWN, {"ids": list(added)}).scalars()) if added else set()
    rows = [_row(service, one, deputies, given, now) for id, given in added.items() if id not in known]
    made = [row for row in rows if row["state"] == "open"]
    if made:
        uow.execute(insert_or(uow, task).on_conflict_do_nothing(), made)
        uow.after_commit(lambda: TASKS_CREATED.labels("stage").inc(len(made)))
    _tell(service, uow, "created", made)
    _tell(service, uow, "cancelled", [row for row in rows if row["state"] != "open"])
    _notify(service, uow, one, made)


def _row(service: Service, one: _News, deputies: Deputies, given: Row, now: datetime) -> dict[str, Any]:
    record, by, who = one.change["after"], one.change["by"], _doer(service, one.change)
    row = task_row(
        id=given["id"], title=given["title"], due_at=from_wire(given["due_at"]), created_at=now,
        **(deputies.columns(who["id"]) if who else {"assignee_id": None}),
        creator_kind="person" if by else "system", creator_id=by,
        creator_name={service.settings.default_locale: service.directory.name_of(by) or ""},
        link_object=one.message.data["object"], link_id=record["id"], link_version=one.change["version"],
        link_title=one.model.title_of(record) if one.model is not None else "")
    return row if who else row | {"state": "cancelled"}


def _doer(service: Service, change: Row) -> Row | None:
    """The owner of the record, or whoever moved it; None when neither is there any more."""
    users = service.directory.snapshot().users
    people = (users.get(id or "") for id in (change["after"].get("owner_id"), change["by"]))
    return next((user for user in people if user is not None and user["active"]), None)


def _cancel(service: Service, uow: UnitOfWork, one: _News, now: datetime) -> None:
    rows = _changed(uow, one.of("cancel"), now, lambda row: {"state": "cancelled"})
    _tell(service, uow, "cancelled", rows)
    uow.after_commit(lambda: TASKS_CLOSED.labels("cancelled").inc(len(rows)))


def _hand_over(service: Service, uow: UnitOfWork, one: _News, deputies: Deputies, now: datetime) -> None:
    """Tasks of the former owner (his deputy does some) go to the new one; what was given to somebody stays with him."""
    before, owner = one.change["before"].get("owner_id"), one.change["after"].get("owner_id")
    user = service.directory.snapshot().users.get(owner or "")
    if user is None or not user["active"]:
        return
    new = deputies.columns(user["id"])
    rows = _changed(uow, one.of("hand_over"), now,
                    lambda row: new if before in (None, row["for_id"] or row["assignee_id"]) else {})
    _tell(service, uow, "updated", rows)
    _notify(service, uow, one, rows)


def _changed(uow: UnitOfWork, ids: Sequence[str], now: datetime, change: Any) -> list[dict[str, Any]]:
    """Change those of the tasks that are open, and return them."""
    rows = []
    for start in range(0, len(ids), _SLICE):
        standing = uow.execute(_OPEN, {"ids": list(ids[start:start + _SLICE])}).mappings().all()
        rows += [dict(row) | news | {"version": row["version"] + 1, "updated_at": now} for row in standing
                 if (news := change(row)) and any(row[name] != value for name, value in news.items())]
    if rows:
        uow.execute(_CHANGE, [{"task": row["id"], **{name: row[name] for name in _WRITTEN}} for row in rows])
    return rows


def _tell(service: Service, uow: UnitOfWork, action: str, rows: Sequence[Row]) -> None:
    publish_tasks(uow, action, rows, names_of(service, rows), service.settings.default_locale)


def _notify(service: Service, uow: UnitOfWork, one: _News, rows: Sequence[Row]) -> None:
    by = service.directory.name_of(one.change["by"]) or ""
    wishes = [task_notification(row, (row["id"], row["version"], row["assignee_id"]), by=by,
                                bulk=one.message.data["bulk"])
              for row in rows if row["assignee_id"] != one.change["by"]]
    if wishes:
        publish_notifications(uow, wishes)
