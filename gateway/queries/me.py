"""Who the caller is and what he may do, for his client."""

from __future__ import annotations

from typing import Any

from chassis.auth.directory import Snapshot
from chassis.auth.principal import ACTIONS, SCOPES, Principal
from chassis.service import Service
from gateway.queries.users import find


def describe(service: Service, principal: Principal) -> dict[str, Any]:
    """Return the caller's own data, department, roles, permissions, and what each object allows him."""
    assert principal.user_id is not None
    directory = service.directory.snapshot()
    with service.db.read() as connection:
        user = find(connection, principal.user_id) or {}
    settings = service.settings
    return {
        **{name: user[name] for name in ("id", "username", "name", "email", "must_change_password")},
        "locale": user["locale"] or settings.default_locale,
        "timezone": user["timezone"] or settings.default_timezone,
        "department": _department(directory, user["department_id"]),
        "roles": [{"id": id, "key": directory.roles[id]["key"], "name": directory.roles[id]["name"]}
                  for id in principal.role_ids if id in directory.roles],
        "permissions": sorted(principal.permissions), "objects": _objects(directory, principal)}


def _department(directory: Snapshot, id: str | None) -> dict[str, Any] | None:
    department = directory.departments.get(id or "")
    return {"id": id, "name": department["name"]} if department else None


def _objects(directory: Snapshot, principal: Principal) -> dict[str, Any]:
    """Return name → {actions, scope, fields}; `*` stands for objects that are not named."""
    names = {name for id in principal.role_ids if id in directory.roles for name in directory.roles[id]["objects"]}
    names |= (directory.users.get(principal.user_id or "", {}).get("field_rules") or {}).keys()
    found = {}
    for name in sorted(names):
        policy = principal.objects(name)
        if policy.actions:
            found[name] = {"actions": [action for action in ACTIONS if action in policy.actions],
                           "scope": max(policy.scopes, key=SCOPES.index), "fields": dict(policy.fields)}
    return found
