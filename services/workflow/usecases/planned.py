"""Records that plan something are tasks of their owner: the next step of a follow-up.

The definition of the record's object says so (`planned_task`: which of its fields is the date, which the title, and
which of its links say what the task is about). A record has at most one such task, which a unique index guarantees.
The task is made when the record gets a date that still lies ahead. It moves when the date moves, changes hands with the
record, takes over a new title, and is cancelled when the date or the record goes. Only what has changed in the record
is taken over, so what somebody has changed in the task itself stays. A closed task opens again when its record gets
another date.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from chassis.clock import from_wire
from chassis.context import with_cause
from chassis.db import UnitOfWork
from chassis.events.message import Message
from chassis.ids import new_id
from services.workflow.events import publish_notifications, publish_tasks
from services.workflow.metrics import TASKS_CLOSED, TASKS_CREATED
from services.workflow.model.objects import ObjectModel
from services.workflow.model.texts import said
from services.workflow.store.rulebook import Book
from services.workflow.store.tables import task
from services.workflow.usecases.links import Links, find_links
from services.workflow.usecases.notifying import task_notification
from services.workflow.usecases.people import names_of
from services.workflow.usecases.task_rows import due_sort, task_row

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
_SLICE = 500
_TITLE = 200
_OF_RECORDS = (select(task).where(task.c.source_id.in_(bindparam("ids", expanding=True))).order_by(task.c.id)
               .with_for_update())
_WRITTEN = ("title", "due_at", "due_sort", "assignee_id", "department_id", "link_object", "link_id", "link_title",
            "link_version", "state", "completed_at", "completed_by", "source_version", "version", "updated_at")
_CHANGE = update(task).where(task.c.id == bindparam("task")).values({name: bindparam(name) for name in _WRITTEN})


@dataclass
class _News:
    """What is new about one record that plans: its newest change, and all that has changed until then."""

    message: Message
    model: ObjectModel
    change: Row
    changed: set[str] = field(default_factory=set)
    created: bool = False

    @property
    def record(self) -> Row:
        return self.change["after"]

    @property
    def due_at(self) -> datetime | None:
        due = self.record.get(self.model.planned["due"]) if self.change["action"] != "deleted" else None
        return from_wire(due) if due else None

    @property
    def about(self) -> tuple[str, str]:
        """What the task is about: the first link that is set, or the record itself."""
        for name in self.model.planned["about"]:
            if self.record.get(name) and name in self.model.fields:
                return self.model.fields[name].options["object"], self.record[name]
        return self.model.name, self.record["id"]


def follow_plans(service: Service, uow: UnitOfWork, book: Book, messages: Sequence[Message], now: datetime) -> None:
    """Bring the tasks of records that plan something up to date."""
    news = _news(book, messages)
    ids = list(news)
    for start in range(0, len(ids), _SLICE):
        _follow(service, uow, book, {id: news[id] for id in ids[start:start + _SLICE]}, now)


def _news(book: Book, messages: Sequence[Message]) -> dict[str, _News]:
    found: dict[str, _News] = {}
    for message in messages:
        model = book.objects.get(message.data["object"])
        if model is None or not model.planned:
            continue
        for change in message.data["changes"]:
            known = found.setdefault(change["id"], _News(message, model, change))
            if change["version"] >= known.change["version"]:
                known.message, known.model, known.change = message, model, change
            known.changed.update(change["changed"])
            known.created |= change["action"] == "created"
    return found


def _follow(service: Service, uow: UnitOfWork, book: Book, news: Mapping[str, _News], now: datetime) -> None:
    standing = {row["source_id"]: row for row in uow.execute(_OF_RECORDS, {"ids": list(news)}).mappings()}
    new = {id: one for id, one in news.items() if id not in standing and _begins(service, one)}
    old = {id: one for id, one in news.items() if id in standing and _is_newer(one, standing[id])}
    moved = [one for id, one in old.items() if not one.changed.isdisjoint(one.model.planned["about"])]
    links = find_links(service, book, {one.about for one in (*new.values(), *moved)})
    made = [_new_task(service, one, links, now) for one in new.values()]
    changed = [(one, standing[id], _after(service, one, standing[id], links, now)) for id, one in old.items()]
    if made:
        uow.execute(task.insert(), made)
        uow.after_commit(lambda: TASKS_CREATED.labels("record").inc(len(made)))
    if changed:
        uow.execute(_CHANGE, [{"task": row["id"], **{name: row[name] for name in _WRITTEN}} for _, _, row in changed])
    _tell(service, uow, list(new.values()), made, "created")
    for action, pairs in _told(changed):
        _tell(service, uow, [one for one, _ in pairs], [row for _, row in pairs], action)


def _begins(service: Service, one: _News) -> bool:
    """Whether a record without a task gets one: its date is new, still ahead, and somebody is there to do it."""
    wanted = one.created or one.model.planned["due"] in one.changed
    ahead = one.due_at is not None and one.due_at > from_wire(one.message.time)
    return wanted and ahead and one.message.data.get("rules", True) and _owner(service, one) is not None


def _is_newer(one: _News, standing: Row) -> bool:
    return one.change["version"] > standing["source_version"]


def _owner(service: Service, one: _News) -> Row | None:
    user = service.directory.snapshot().users.get(one.record.get("owner_id") or "")
    return user if user is not None and user["active"] else None


def _new_task(service: Service, one: _News, links: Links, now: datetime) -> dict[str, Any]:
    by = one.change["by"]
    return task_row(
        id=new_id(), created_at=now, creator_kind="person" if by else "system", creator_id=by,
        creator_name={service.settings.default_locale: service.directory.name_of(by) or ""},
        kind=one.model.planned["kind"], source_id=one.change["id"], source_version=one.change["version"],
        **_title(service, one), **_due(one), **_assignee(service, one), **_link(one, links))


def _after(service: Service, one: _News, standing: Row, links: Links, now: datetime) -> dict[str, Any]:
    """The row of a task after news of its record; its version grows when somebody can see the difference."""
    seen = {"source_version": one.change["version"]}
    columns = _changes(service, one, standing, links)
    if all(standing[name] == value for name, value in columns.items()):
        return dict(standing) | seen
    return dict(standing) | columns | seen | {"version": standing["version"] + 1, "updated_at": now}


def _changes(service: Service, one: _News, standing: Row, links: Links) -> dict[str, Any]:
    planned, opened = one.model.planned, standing["state"] == "open"
    if one.due_at is None or _owner(service, one) is None:
        return {"state": "cancelled"} if opened else {}
    columns: dict[str, Any] = {}
    if planned["due"] in one.changed:
        columns |= _due(one) | {"state": "open", "completed_at": None, "completed_by": None}
    elif not opened:
        return {}
    if planned["title"] in one.changed:
        columns |= _title(service, one)
    if "owner_id" in one.changed:
        columns |= _assignee(service, one)
    if not one.changed.isdisjoint(planned["about"]):
        columns |= _link(one, links)
    return columns


def _title(service: Service, one: _News) -> dict[str, Any]:
    words = str(one.record.get(one.model.planned["title"] or "") or "").strip()[:_TITLE]
    own = {service.settings.default_locale: words}
    return {"title": own if words else said("planned.title", record=one.model.title_of(one.record))}


def _due(one: _News) -> dict[str, Any]:
    return {"due_at": one.due_at, "due_sort": due_sort(one.due_at)}


def _assignee(service: Service, one: _News) -> dict[str, Any]:
    owner = _owner(service, one) or {}
    return {"assignee_id": owner["id"], "department_id": owner.get("department_id")}


def _link(one: _News, links: Links) -> dict[str, Any]:
    name, id = one.about
    if name == one.model.name and id == one.record["id"]:
        title, version = one.model.title_of(one.record), one.change["version"]
    else:
        title, version = links.get((name, id), ("", 0))
    return {"link_object": name, "link_id": id, "link_title": title, "link_version": version}


def _told(changed: Sequence[tuple[_News, Row, dict[str, Any]]]) -> Iterator[tuple[str, list[tuple[_News, Row]]]]:
    different = [(one, before, row) for one, before, row in changed if row["version"] != before["version"]]
    yield "cancelled", [(one, row) for one, _, row in different if row["state"] == "cancelled"]
    yield "updated", [(one, row) for one, _, row in different if row["state"] != "cancelled"]


def _tell(service: Service, uow: UnitOfWork, news: Sequence[_News], rows: Sequence[Row], action: str) -> None:
    """Publish tasks message by message, and tell assignees who did not plan it themselves."""
    names, locale = names_of(service, rows), service.settings.default_locale
    for message in {one.message.id: one.message for one in news}.values():
        mine = [(one, row) for one, row in zip(news, rows, strict=True) if one.message is message]
        with with_cause(message.cause()):
            publish_tasks(uow, action, [row for _, row in mine], names, locale)
            publish_notifications(uow, [
                task_notification(row, (row["id"], row["version"], row["assignee_id"]), bulk=message.data["bulk"],
                                  by=service.directory.name_of(one.change["by"]) or "")
                for one, row in mine if _is_news_to_him(one, row, action)])
    if action == "cancelled":
        uow.after_commit(lambda: TASKS_CLOSED.labels("cancelled").inc(len(rows)))


def _is_news_to_him(one: _News, row: Row, action: str) -> bool:
    handed_over = action == "created" or (action == "updated" and "owner_id" in one.changed)
    return handed_over and row["assignee_id"] != one.change["by"]
