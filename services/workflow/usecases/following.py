"""Tasks follow the records they are linked to: a new title is taken over, a deleted record cancels what is open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from chassis.context import with_cause
from chassis.db import UnitOfWork
from chassis.events.message import Message
from services.workflow.events import publish_tasks
from services.workflow.metrics import TASKS_CLOSED
from services.workflow.store.rulebook import Book
from services.workflow.store.tables import task
from services.workflow.usecases.people import names_of

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
_SLICE = 500
_TASK = task.c
_LINKED = select(task).where(_TASK.link_id.in_(bindparam("ids", expanding=True))).order_by(_TASK.id).with_for_update()
_CHANGE = update(task).where(_TASK.id == bindparam("task")).values(
    {name: bindparam(name) for name in ("state", "link_title", "link_version", "version", "updated_at")})


@dataclass(frozen=True)
class _News:
    """What is new about one record."""

    message: Message
    version: int
    title: str | None  # None: the record is gone


def follow_records(service: Service, uow: UnitOfWork, book: Book, messages: Sequence[Message], now: datetime) -> None:
    """Bring the tasks of records that were renamed or deleted up to date."""
    news = dict(_news(book, messages))
    for ids in _slices(list(news)):
        _follow(service, uow, {id: news[id] for id in ids}, now)


def _news(book: Book, messages: Iterable[Message]) -> Iterator[tuple[str, _News]]:
    for message in messages:
        model = book.objects.get(message.data["object"])
        for change in message.data["changes"]:
            if change["action"] == "deleted":
                yield change["id"], _News(message, change["version"], None)
            elif model is not None and change["action"] == "updated" and model.title_field in change["changed"]:
                yield change["id"], _News(message, change["version"], model.title_of(change["after"]))


def _follow(service: Service, uow: UnitOfWork, news: Mapping[str, _News], now: datetime) -> None:
    rows = uow.execute(_LINKED, {"ids": list(news)}).mappings()
    changed = [after for row in rows if (after := _after(row, news[row["link_id"]], now))]
    if not changed:
        return
    uow.execute(_CHANGE, [{"task": row["id"], **{name: row[name] for name in (
        "state", "link_title", "link_version", "version", "updated_at")}} for row in changed])
    for message in {one.message.id: one.message for one in news.values()}.values():
        mine = [row for row in changed if news[row["link_id"]].message is message]
        gone = [row for row in mine if news[row["link_id"]].title is None]
        renamed = [row for row in mine if news[row["link_id"]].title is not None]
        _publish(service, uow, message, gone, renamed)


def _after(row: Row, news: _News, now: datetime) -> dict[str, Any] | None:
    if news.title is None:
        change = {"state": "cancelled"} if row["state"] == "open" else None
    else:
        newer = row["link_version"] < news.version and row["link_title"] != news.title
        change = {"link_title": news.title, "link_version": news.version} if newer else None
    return dict(row) | change | {"version": row["version"] + 1, "updated_at": now} if change else None


def _publish(service: Service, uow: UnitOfWork, message: Message, gone: Sequence[Row], renamed: Sequence[Row]) -> None:
    names, locale = names_of(service, [*gone, *renamed]), service.settings.default_locale
    with with_cause(message.cause()):
        publish_tasks(uow, "cancelled", gone, names, locale)
        publish_tasks(uow, "updated", renamed, names, locale)
    uow.after_commit(lambda: TASKS_CLOSED.labels("cancelled").inc(len(gone)))


def _slices(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _SLICE):
        yield ids[start:start + _SLICE]
