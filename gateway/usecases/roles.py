"""Roles: what their holders may do. The shipped administrator's role stays as strong as it is."""

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
from gateway.model import roles as model
from gateway.queries.roles import find
from gateway.store.tables import role, user_role
from gateway.usecases import audit
from gateway.usecases.directory import announce, announce_removed, next_version


def create_role(service: Service, uow: UnitOfWork, principal: Principal | None, values: Mapping[str, Any], *,
                shipped: bool = False) -> dict[str, Any]:
    """Add a role."""
    version, id, now = next_version(uow), new_id(), utcnow()
    row = {"permissions": [], "objects": {}} | dict(values)
    _check(uow, id, row)
    uow.execute(role.insert().values(_canonical(row) | {
        "id": id, "shipped": shipped, "version": version, "created_at": now, "updated_at": now}))
    announce(service, uow, version, roles=[id])
    created = existing(uow, id)
    audit.record_change(uow, "role.created", audit.actor_of(principal), _target(created), {}, created)
    return created


def update_role(service: Service, uow: UnitOfWork, principal: Principal | None, id: str, changes: Mapping[str, Any],
                expected_version: int | None = None) -> dict[str, Any]:
    """Change a role; of the administrator's only the name."""
    version, before = next_version(uow), existing(uow, id)
    if expected_version not in (None, before["version"]):
        raise stale(before["version"])
    row = {name: before[name] for name in ("key", "name", "permissions", "objects")} | dict(changes)
    _check(uow, id, row)
    row = _canonical(row)
    if before["shipped"] and any(row[name] != before[name] for name in ("key", "permissions", "objects")):
        raise Problem(409, "role_protected")
    uow.execute(update(role).where(role.c.id == id).values(row | {"version": version, "updated_at": utcnow()}))
    announce(service, uow, version, roles=[id])
    after = existing(uow, id)
    audit.record_change(uow, "role.changed", audit.actor_of(principal), _target(after), before, after)
    return after


def delete_role(service: Service, uow: UnitOfWork, principal: Principal | None, id: str,
                expected_version: int | None = None) -> None:
    """Remove a role that nobody holds."""
    version, before = next_version(uow), existing(uow, id)
    if expected_version not in (None, before["version"]):
        raise stale(before["version"])
    if before["shipped"]:
        raise Problem(409, "role_protected")
    if uow.execute(select(func.count()).select_from(user_role).where(user_role.c.role_id == id)).scalar_one():
        raise Problem(409, "role_in_use")
    uow.execute(delete(role).where(role.c.id == id))
    kept = {name: before[name] for name in ("id", "key", "name", "permissions", "objects")}
    announce_removed(service, uow, version, "roles", kept)
    audit.record_change(uow, "role.deleted", audit.actor_of(principal), _target(before), before, {})


def existing(uow: UnitOfWork, id: str) -> dict[str, Any]:
    """Return a role; raises 404 when there is none."""
    found = find(uow.connection, id)
    if found is None:
        raise not_found("role")
    return found


def _canonical(row: Mapping[str, Any]) -> dict[str, Any]:
    return dict(row) | {"permissions": sorted(set(row["permissions"])),
                        "objects": model.canonical_objects(row["objects"])}


def _check(uow: UnitOfWork, id: str, row: Mapping[str, Any]) -> None:
    wrong = [*model.permission_problems(row["permissions"]), *model.object_problems(row["objects"])]
    if not model.is_key(row["key"]):
        wrong.append(FieldProblem("/key", "not_a_key"))
    elif uow.execute(select(role.c.id).where(role.c.key == row["key"], role.c.id != id)).scalar():
        wrong.append(FieldProblem("/key", "taken"))
    if wrong:
        raise invalid(*wrong)


def _target(body: Mapping[str, Any]) -> audit.Target:
    return audit.Target("role", body["id"], body["key"])
