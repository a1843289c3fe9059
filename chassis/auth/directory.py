"""The directory: each service's own copy of users, departments, roles and calendars, kept by the gateway's events.

Readers get an immutable snapshot from memory; once a second at most they look whether the database has a newer one.
A user who is not known yet is asked for once at the gateway, so nobody waits for an event to arrive.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from chassis.auth.principal import ObjectPolicy, combine_policies
from chassis.auth.tokens import InvalidToken
from chassis.calls import CallFailed
from chassis.clock import from_wire, utcnow
from chassis.db import insert_or
from chassis.db.tables import directory_entity, directory_state, revoked_session
from chassis.db.unit_of_work import UnitOfWork
from chassis.events.consumers import Subscription
from chassis.events.message import Message
from chassis.http.problem import Problem
from chassis.ids import is_id
from chassis.working_time import Calendar, ordinary, read_calendar

if TYPE_CHECKING:
    from chassis.service import Service

DIRECTORY_CHANGED = "freehold.gateway.directory.changed.v1"
SESSION_REVOKED = "freehold.gateway.session.revoked.v1"

_LOOK_SECONDS = 1.0
_MOST_STRANGERS = 5
_KINDS = {"users": "user", "departments": "department", "roles": "role", "calendars": "calendar"}


@dataclass(frozen=True)
class Snapshot:
    """Users, departments, roles and calendars at one moment, by id; bodies as in the gateway's API."""

    version: int = 0
    users: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    departments: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    roles: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    revoked: frozenset[str] = frozenset()
    calendars: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @cached_property
    def _read_calendars(self) -> dict[str | None, Calendar]:
        return {id: read_calendar(body) for id, body in self.calendars.items()}

    def calendar_of(self, department_id: str | None, timezone: str) -> Calendar:
        """Return the working calendar of a department: its own, that of the next one above which has one, or the
        company's; without any an ordinary week in this time zone."""
        for above in self.departments_above(department_id) if department_id else ():
            known = self._read_calendars.get(self.departments.get(above, {}).get("calendar_id"))
            if known is not None:
                return known
        company = next((id for id, body in sorted(self.calendars.items()) if body["is_default"]), None)
        return self._read_calendars[company] if company is not None else ordinary(timezone)

    def times_of_work(self, timezone: str) -> list[Any]:
        """Return all that says who works when: two snapshots that agree in it count working time alike."""
        lying = sorted((id, one.get("parent_id")) for id, one in self.departments.items())
        own = sorted((id, one.get("calendar_id") or "") for id, one in self.departments.items())
        calendars = [self.calendars[id] for id in sorted(self.calendars)]
        return [lying, own, timezone, [[one["timezone"], one["week"], one["days"], one["is_default"]]
                                       for one in calendars]]

    @cached_property
    def _children(self) -> dict[str | None, list[str]]:
        children: dict[str | None, list[str]] = {}
        for id, department in self.departments.items():
            children.setdefault(department.get("parent_id"), []).append(id)
        return children

    @cached_property
    def _policies(self) -> dict[tuple[tuple[str, ...], str], ObjectPolicy]:
        return {}

    def departments_below(self, id: str) -> Sequence[str]:
        """Return the ids of a department and of all below it."""
        found, waiting = [], [id]
        while waiting:
            current = waiting.pop()
            found.append(current)
            waiting.extend(self._children.get(current, ()))
        return found

    def departments_above(self, id: str) -> Sequence[str]:
        """Return the ids of a department and of all that it lies below."""
        found: list[str] = []
        current: str | None = id
        while current is not None and current not in found:
            found.append(current)
            current = self.departments.get(current, {}).get("parent_id")
        return found

    def people_in(self, department_id: str) -> list[Mapping[str, Any]]:
        """Return the active users of a department and of those below it, in a stable order."""
        inside = set(self.departments_below(department_id))
        people = [user for user in self.users.values() if user["active"] and user.get("department_id") in inside]
        return sorted(people, key=lambda user: user["id"])

    def policy(self, role_ids: tuple[str, ...], name: str) -> ObjectPolicy:
        """Return what these roles together allow on one object."""
        key = (role_ids, name)
        if key not in self._policies:
            self._policies[key] = combine_policies([self.roles[id] for id in role_ids if id in self.roles], name)
        return self._policies[key]

    def policies_of(self, user: Mapping[str, Any]) -> Callable[[str], ObjectPolicy]:
        """Return what gives a user's policy on an object: that of his roles, and in place of what they say of a field
        the rules for his person."""
        role_ids, rules = tuple(user["role_ids"]), user.get("field_rules") or {}

        def policy_of(name: str) -> ObjectPolicy:
            own = rules.get(name)
            if not own:
                return self.policy(role_ids, name)
            key = (role_ids, f"{name} of {user['id']}")
            if key not in self._policies:
                self._policies[key] = self.policy(role_ids, name).with_rules(own)
            return self._policies[key]

        return policy_of

    def permissions(self, role_ids: tuple[str, ...]) -> frozenset[str]:
        """Return the permissions that these roles together grant."""
        return frozenset(name for id in role_ids if id in self.roles for name in self.roles[id]["permissions"])


class Directory:
    """One process' view of the directory in its service's database."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._snapshot: Snapshot | None = None
        self._looked_at = 0.0
        self._lock = threading.Lock()

    def snapshot(self, fresh: bool = False) -> Snapshot:
        """Return the present snapshot; at most a second old, or read anew when `fresh`."""
        now = time.monotonic()
        if self._snapshot is not None and not fresh and now - self._looked_at < _LOOK_SECONDS:
            return self._snapshot
        with self._lock:
            if fresh or self._snapshot is None or time.monotonic() - self._looked_at >= _LOOK_SECONDS:
                self._snapshot = self.load(self._snapshot)
                self._looked_at = time.monotonic()
            return self._snapshot

    def user(self, id: str) -> Mapping[str, Any] | None:
        """Return a user's body; one that is not known here is asked for at the gateway."""
        known = self.snapshot().users.get(id)
        if known is None:
            self.fetch(id)
            known = self.snapshot(fresh=True).users.get(id)
        return known

    def meet(self, ids: Iterable[str]) -> None:
        """Ask for people who are not known here yet, a few at most; never within a unit of work."""
        known = self.snapshot().users
        strangers = sorted({id for id in ids if is_id(id) and id not in known})
        for stranger in strangers[:_MOST_STRANGERS]:
            with suppress(CallFailed):
                self.user(stranger)

    def token_for_key(self, key: str) -> str:
        """Exchange an API key at the gateway for a short access token; raises InvalidToken for an unknown one."""
        answer = self._service.calls.request("gateway", "POST", "/v1/keys/exchange", json={"key": key})
        if answer.status >= 500:
            raise Problem(503, "unavailable", headers={"Retry-After": "2"})
        if answer.status != 200:
            raise InvalidToken("unknown API key")
        return answer.json["access_token"]

    def subscriptions(self) -> tuple[Subscription, ...]:
        """Return what keeps this directory: the gateway's events."""
        return (subscription(self._service.name),)

    def name_of(self, user_id: str | None) -> str | None:
        """Return a user's name, or None for nobody or an unknown one."""
        user = self.snapshot().users.get(user_id or "")
        return user["name"] if user else None

    def load(self, known: Snapshot | None) -> Snapshot:
        """Read the snapshot from the database, or return `known` when nothing has changed."""
        with self._service.db.read() as connection:
            version = connection.execute(select(directory_state.c.version)).scalar() or 0
            if known is not None and known.version == version:
                return known
            rows = connection.execute(select(directory_entity).where(directory_entity.c.deleted.is_(False))).all()
            revoked = frozenset(connection.execute(select(revoked_session.c.session_id)).scalars())
        bodies = {kind: {row.id: row.body for row in rows if row.kind == kind} for kind in _KINDS.values()}
        return Snapshot(version, bodies["user"], bodies["department"], bodies["role"], revoked, bodies["calendar"])

    def fetch(self, user_id: str | None = None) -> None:
        """Ask the gateway for one user, or for everything when nothing was ever taken in."""
        whole = not self._is_complete()
        path = "/v1/directory" if whole or user_id is None else f"/v1/directory?user_id={user_id}"
        answer = self._service.calls.request("gateway", "GET", path)
        answer.raise_for_status()
        with self._service.db.unit_of_work() as uow:
            apply_changes(uow, answer.json, complete=whole)

    def _is_complete(self) -> bool:
        with self._service.db.read() as connection:
            return bool(connection.execute(select(directory_state.c.complete)).scalar())


def apply_changes(uow: UnitOfWork, data: Mapping[str, Any], complete: bool = False) -> None:
    """Take in whole entities; one that is older than what is known changes nothing."""
    _note_change(uow, complete)
    rows = [{"kind": kind, "id": body["id"], "version": body["version"], "deleted": bool(body.get("deleted")),
             "body": body} for plural, kind in _KINDS.items() for body in data.get(plural, ())]
    if rows:
        insert = insert_or(uow, directory_entity)
        newer = {name: insert.excluded[name] for name in ("version", "deleted", "body")}
        uow.execute(insert.on_conflict_do_update(
            index_elements=["kind", "id"], set_=newer,
            where=directory_entity.c.version < insert.excluded.version), rows)


def _note_change(uow: UnitOfWork, complete: bool = False) -> None:
    """Count a change; comes before its rows, so that two processes take in the directory one after the other."""
    uow.execute(insert_or(uow, directory_state).values(id=1, version=0, complete=False).on_conflict_do_nothing())
    changes: dict[str, Any] = {"version": directory_state.c.version + 1}
    uow.execute(update(directory_state).values(changes | ({"complete": True} if complete else {})))


def consume(service: Service, uow: UnitOfWork, messages: list[Message]) -> None:
    """Take in the gateway's events."""
    _note_change(uow)
    for message in messages:
        if message.type == SESSION_REVOKED:
            _revoke(uow, message)
        else:
            apply_changes(uow, message.data)


def _revoke(uow: UnitOfWork, message: Message) -> None:
    revoked_at = from_wire(message.data["at"])
    rows = [{"session_id": id, "revoked_at": revoked_at} for id in message.data["sessions"]]
    if rows:
        uow.execute(insert_or(uow, revoked_session).on_conflict_do_nothing(), rows)


def forget_revoked(service: Service) -> None:
    """Forget revoked sessions whose last access token has expired long ago."""
    limit = utcnow() - timedelta(seconds=service.settings.access_token_seconds * 2)
    with service.db.unit_of_work() as uow:
        uow.execute(delete(revoked_session).where(revoked_session.c.revoked_at < limit))


def subscription(service_name: str) -> Subscription:
    """Return the subscription that keeps a service's directory."""
    return Subscription(f"{service_name}.directory", (DIRECTORY_CHANGED, SESSION_REVOKED), consume)
