"""Receive wishes to tell people something: inbox items, and deliveries by outside channels.

Each (notification, person) counts once. What belongs to one bulk operation becomes one item per person whose count
grows: one digest instead of a thousand messages, with a line for each kind of news.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, select, update

from chassis.clock import utcnow
from chassis.db import UnitOfWork, insert_or
from chassis.ids import new_id
from services.notify.metrics import NOTIFICATIONS
from services.notify.model.timing import BULK_LIMIT, DEFAULT_PREFERENCES, due_at
from services.notify.queries.channels import channels_on
from services.notify.store.tables import delivery, digest_part, inbox_item, notification, preference
from services.notify.usecases.deliver import wake_deliverers

if TYPE_CHECKING:
    from chassis.service import Service

_FINISHED_PAUSE = timedelta(seconds=3)


@dataclass
class Group:
    """What one person is told with one message."""

    user_id: str
    key: str
    first: Mapping[str, Any]
    count: int = 0
    parts: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)  # template → the wishes for it


def receive(service: Service, uow: UnitOfWork, wishes: Iterable[Mapping[str, Any]]) -> None:
    """Take in wishes as they stand in `notification.requested` events."""
    fresh = _unseen(uow, list(wishes))
    if not fresh:
        return
    groups = _grouped(fresh)
    _count_parts(uow, [group for group in groups if group.first.get("bulk")])
    preferences = preferences_of(uow, {group.user_id for group in groups})
    _to_inbox(uow, [group for group in groups if preferences[group.user_id]["channels"].get("inbox", True)])
    on = channels_on(service, uow.connection)
    chosen = {id(group): _chosen(group, preferences[group.user_id], {"inbox", *on}) for group in groups}
    for channel in on:
        _to_channel(service, uow, channel, [group for group in groups if channel in chosen[id(group)]], preferences)
    for wish in fresh:
        NOTIFICATIONS.labels(wish["template"]).inc()


def bulk_finished(uow: UnitOfWork, bulk: str) -> None:
    """Let the digests of a bulk operation go out soon."""
    soon = utcnow() + _FINISHED_PAUSE
    uow.execute(update(delivery).where(delivery.c.bulk == bulk, delivery.c.status == "waiting",
                                       delivery.c.attempts == 0, delivery.c.due_at > soon,
                                       delivery.c.due_at <= delivery.c.latest_at).values(due_at=soon))


def preferences_of(uow: UnitOfWork, users: set[str]) -> dict[str, Mapping[str, Any]]:
    """Return everybody's preferences, the defaults for those who chose nothing."""
    rows = uow.execute(select(preference.c.user_id, preference.c.body).where(preference.c.user_id.in_(users))).all()
    chosen = {row.user_id: row.body for row in rows}
    return {user: DEFAULT_PREFERENCES | chosen.get(user, {}) for user in users}


def _unseen(uow: UnitOfWork, wishes: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    now = utcnow()
    unique = {(wish["id"], wish["user_id"]): wish for wish in wishes}
    fresh: list[Mapping[str, Any]] = []
    keys = list(unique)
    for start in range(0, len(keys), 500):
        rows = [{"id": id, "user_id": user, "received_at": now} for id, user in keys[start:start + 500]]
        statement = insert_or(uow, notification).values(rows).on_conflict_do_nothing()
        new = uow.execute(statement.returning(notification.c.id, notification.c.user_id)).all()
        known = {(row.id, row.user_id) for row in new}
        fresh += [unique[key] for key in keys[start:start + 500] if key in known]
    return fresh


def _grouped(wishes: list[Mapping[str, Any]]) -> list[Group]:
    """Return the wishes by person and operation, in one order so that two workers never wait for each other."""
    groups: dict[tuple[str, str], Group] = {}
    for wish in wishes:
        key = wish.get("bulk") or wish["id"]
        group = groups.setdefault((wish["user_id"], key), Group(wish["user_id"], key, wish))
        group.count += 1
        group.parts.setdefault(wish["template"], []).append(wish)
    return [groups[key] for key in sorted(groups)]


def _count_parts(uow: UnitOfWork, groups: list[Group]) -> None:
    now = utcnow()
    rows = [{"user_id": group.user_id, "group_key": group.key, "template": template, "params": wishes[0]["params"],
             "count": len(wishes), "updated_at": now}
            for group in groups for template, wishes in sorted(group.parts.items(), key=itemgetter(0))]
    if rows:
        insert = insert_or(uow, digest_part)
        uow.execute(insert.on_conflict_do_update(index_elements=["user_id", "group_key", "template"], set_={
            "count": digest_part.c.count + insert.excluded.count, "updated_at": now}), rows)


def _to_inbox(uow: UnitOfWork, groups: list[Group]) -> None:
    if not groups:
        return
    now = utcnow()
    insert = insert_or(uow, inbox_item)
    rows = [_common(group, now) | {"read_at": None} for group in groups]
    uow.execute(insert.on_conflict_do_update(index_elements=["user_id", "group_key"], set_={
        "count": inbox_item.c.count + insert.excluded.count, "updated_at": now, "read_at": None}), rows)


def _chosen(group: Group, preferences: Mapping[str, Any], on: Collection[str]) -> Collection[str]:
    """The channels that the sender asks for, if they are on; else those that the person has chosen."""
    wished = {channel for wishes in group.parts.values() for wish in wishes for channel in wish.get("channels") or ()}
    return wished.intersection(on) or {channel for channel, on in preferences["channels"].items() if on}


def _to_channel(service: Service, uow: UnitOfWork, channel: str, groups: list[Group],
                preferences: Mapping[str, Any]) -> None:
    if not groups:
        return
    now, people = utcnow(), service.directory.snapshot().users
    insert = insert_or(uow, delivery)
    rows = [_common(group, now) | {
        "channel": channel, "status": "waiting", "attempts": 0, "latest_at": now + BULK_LIMIT, "answer": None,
        "due_at": due_at(now, preferences[group.user_id], _zone(service, people.get(group.user_id)),
                         bulk=bool(group.first.get("bulk")))} for group in groups]
    still_open = delivery.c.status == "waiting"
    later = case((insert.excluded.due_at > delivery.c.latest_at, delivery.c.due_at), else_=insert.excluded.due_at)
    uow.execute(insert.on_conflict_do_update(
        index_elements=["user_id", "channel", "group_key"], where=still_open,
        set_={"count": delivery.c.count + insert.excluded.count, "due_at": later, "updated_at": now}), rows)
    uow.after_commit(lambda: wake_deliverers(service))


def _common(group: Group, now: datetime) -> dict[str, Any]:
    first = group.first
    return {"id": new_id(), "user_id": group.user_id, "group_key": group.key, "template": first["template"],
            "params": first["params"], "link": None if group.count > 1 else first.get("link"),
            "bulk": first.get("bulk"), "count": group.count, "created_at": now, "updated_at": now}


def _zone(service: Service, user: Mapping[str, Any] | None) -> str:
    return (user or {}).get("timezone") or service.settings.default_timezone
