"""A person as the caller of something, looked up in the directory: with what his roles allow now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chassis.auth.principal import Principal

if TYPE_CHECKING:
    from chassis.auth.directory import Snapshot
    from chassis.settings import Settings


def principal_of(directory: Snapshot, settings: Settings, user: Mapping[str, Any], *, locale: str | None = None,
                 **more: Any) -> Principal:
    """Return the principal of a user of the directory; `more` are members that only a request knows."""
    role_ids = tuple(user["role_ids"])
    return Principal(**{
        "kind": "user", "user_id": user["id"], "name": user["name"], "department_id": user.get("department_id"),
        "role_ids": role_ids, "locale": locale or user.get("locale") or settings.default_locale,
        "timezone": user.get("timezone") or settings.default_timezone,
        "permissions": directory.permissions(role_ids), "policy_of": directory.policies_of(user),
        "departments_below": directory.departments_below, "departments_above": directory.departments_above} | more)
