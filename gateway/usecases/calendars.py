"""Working calendars: one for the company at most, and those that departments have of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, select, update

from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.db.unit_of_work import UnitOfWork
from chassis.http.etag import stale
from chassis.http.problem import FieldProblem, Problem, invalid, not_found
from chassis.ids import new_id
from chassis.service import Service
from gateway.model.calendars import calendar_faults
from gateway.model.roles import is_key
from gateway.queries.calendars import find
from gateway.store.tables import calendar, department
from gateway.usecases import audit
from gateway.usecases.directory import announce, announce_removed, next_version

MAX_CALENDARS = 500
_GIVEN = ("key", "name", "timezone", "week", "days", "is_default")


def create_calendar(service: Service, uow: UnitOfWork, principal: Principal | None,
                    values: Mapping[str, Any]) -> dict[str, Any]:
    """Add a calendar; raises 422 for what is wrong with it."""
    version, id, now = next_version(uow), new_id(), utcnow()
    row = _checked(uow, id, values)
    if uow.execute(select(func.count()).select_from(calendar)).scalar_one() >= MAX_CALENDARS:
        raise Problem(409, "too_many_calendars")
    uow.execute(calendar.insert().values(
        row | {"id": id, "version": version, "created_at": now, "updated_at": now}))
    _announce(service, uow, version, id, row)
    created = existing(uow, id)
    audit.record_change(uow, "calendar.created", audit.actor_of(principal), _target(created), {}, created)
    return created


def update_calendar(service: Service, uow: UnitOfWork, principal: Principal | None, id: str,
                    changes: Mapping[str, Any], expected_version: int | None = None) -> dict[str, Any]:
    """Change members of a calendar; what is pending by it moves with it."""
    version, before = next_version(uow), existing(uow, id)
    if expected_version not in (None, before["version"]):
        raise stale(before["version"])
    row = _checked(uow, id, {name: before[name] for name in _GIVEN} | dict(changes))
    uow.execute(update(calendar).where(calendar.c.id == id).values(
        row | {"version": version, "updated_at": utcnow()}))
    _announce(service, uow, version, id, row)
    after = existing(uow, id)
    audit.record_change(uow, "calendar.changed", audit.actor_of(principal), _target(after), before, after)
    return after


def delete_calendar(service: Service, uow: UnitOfWork, principal: Principal | None, id: str,
                    expected_version: int | None = None) -> None:
    """Remove a calendar that no department has."""
    version, before = next_version(uow), existing(uow, id)
    if expected_version not in (None, before["version"]):
        raise stale(before["version"])
    if uow.execute(select(department.c.id).where(department.c.calendar_id == id).limit(1)).scalar():
        raise Problem(409, "calendar_in_use")
    uow.execute(delete(calendar).where(calendar.c.id == id))
    kept = {name: before[name] for name in ("id", "key", "name", "timezone", "week", "days", "is_default")}
    announce_removed(service, uow, version, "calendars", kept)
    audit.record_change(uow, "calendar.deleted", audit.actor_of(principal), _target(before), before, {})


def existing(uow: UnitOfWork, id: str) -> dict[str, Any]:
    """Return a calendar; raises 404 when there is none."""
    found = find(uow.connection, id)
    if found is None:
        raise not_found("calendar")
    return found


def _checked(uow: UnitOfWork, id: str, values: Mapping[str, Any]) -> dict[str, Any]:
    row = {"key": None, "is_default": False} | dict(values)
    faults = calendar_faults(row)
    if row["key"] is not None:
        taken = select(calendar.c.id).where(calendar.c.key == row["key"], calendar.c.id != id)
        if not is_key(row["key"]):
            faults.append(FieldProblem("/key", "not_a_key"))
        elif uow.execute(taken).scalar():
            faults.append(FieldProblem("/key", "taken"))
    if faults:
        raise invalid(*faults)
    return row


def _announce(service: Service, uow: UnitOfWork, version: int, id: str, row: Mapping[str, Any]) -> None:
    """Tell of the calendar, and of the one that is no longer the company's."""
    touched = [id]
    if row["is_default"]:
        others = (calendar.c.is_default.is_(True)) & (calendar.c.id != id)
        touched += uow.execute(update(calendar).where(others).values(
            is_default=False, version=version, updated_at=utcnow()).returning(calendar.c.id)).scalars()
    announce(service, uow, version, calendars=touched)


def _target(body: Mapping[str, Any]) -> audit.Target:
    return audit.Target("calendar", body["id"], next(iter(body["name"].values())))
