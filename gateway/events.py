"""What the gateway publishes: changed entities of the directory, and sessions that ended before their time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from chassis.auth.directory import DIRECTORY_CHANGED, SESSION_REVOKED
from chassis.clock import to_wire
from chassis.db.unit_of_work import UnitOfWork

AUDIT_RECORDED = "freehold.gateway.audit.recorded.v1"  # by chassis.auditing
PUBLISHES = (DIRECTORY_CHANGED, SESSION_REVOKED, AUDIT_RECORDED)
MAX_ENTITIES = 200
MAX_SESSIONS = 500

Body = Mapping[str, Any]


def publish_changes(uow: UnitOfWork, version: int, *, users: Sequence[Body] = (), departments: Sequence[Body] = (),
                    roles: Sequence[Body] = (), calendars: Sequence[Body] = ()) -> None:
    """Publish whole entities that changed, in messages of bounded size."""
    kinds = {"users": users, "departments": departments, "roles": roles, "calendars": calendars}
    everything = [(kind, body) for kind, bodies in kinds.items() for body in bodies]
    for part in _parts(everything, MAX_ENTITIES):
        data: dict[str, Any] = {"version": version} | {
            kind: [body for of, body in part if of == kind] for kind in kinds}
        uow.publish(DIRECTORY_CHANGED, None, data)


def publish_revocation(uow: UnitOfWork, user_id: str, sessions: Sequence[str], at: datetime) -> None:
    """Publish that access tokens of these sessions are void from now on."""
    for part in _parts(sessions, MAX_SESSIONS):
        uow.publish(SESSION_REVOKED, user_id, {"sessions": list(part), "user_id": user_id, "at": to_wire(at)})


def _parts(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), size):
        yield items[start:start + size]
