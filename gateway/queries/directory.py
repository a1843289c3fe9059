"""The directory as other services get it: whole entities, nothing that they need not know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from gateway.store.tables import calendar, department, directory_revision, role, user_account, user_role

MAX_ROWS = 100_000
_USER = ("id", "username", "name", "email", "phone", "department_id", "locale", "timezone", "field_rules", "active",
         "version")
_DEPARTMENT = ("id", "key", "name", "parent_id", "path", "position", "calendar_id", "version")
_CALENDAR = ("id", "key", "name", "timezone", "week", "days", "is_default", "version")
_ROLE = ("id", "key", "name", "permissions", "objects", "version")


def snapshot(connection: Connection, user_id: str | None = None) -> dict[str, Any]:
    """Return `{version, users, departments, roles, calendars}`; with `user_id` that one user and his roles."""
    version = connection.execute(select(directory_revision.c.version)).scalar_one()
    if user_id is not None:
        found = users(connection, [user_id])
        return {"version": version, "users": found, "departments": [], "calendars": [],
                "roles": roles(connection, [id for one in found for id in one["role_ids"]])}
    return {"version": version, "users": users(connection), "departments": departments(connection),
            "roles": roles(connection), "calendars": calendars(connection)}


def users(connection: Connection, ids: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Return users with the ids of their roles; all, or those named."""
    statement = select(*(user_account.c[name] for name in _USER))
    held = role_ids(connection, ids)
    return [dict(row._mapping) | {"role_ids": held.get(row.id, []), "field_rules": row.field_rules or {}}
            for row in _rows(connection, statement, user_account.c.id, ids)]


def departments(connection: Connection, ids: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Return departments; all, or those named."""
    statement = select(*(department.c[name] for name in _DEPARTMENT))
    return [dict(row._mapping) for row in _rows(connection, statement, department.c.id, ids)]


def roles(connection: Connection, ids: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Return roles; all, or those named."""
    statement = select(*(role.c[name] for name in _ROLE))
    return [dict(row._mapping) for row in _rows(connection, statement, role.c.id, ids)]


def calendars(connection: Connection, ids: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Return working calendars; all, or those named."""
    statement = select(*(calendar.c[name] for name in _CALENDAR))
    return [dict(row._mapping) for row in _rows(connection, statement, calendar.c.id, ids)]


def role_ids(connection: Connection, user_ids: Iterable[str] | None = None) -> dict[str, list[str]]:
    """Return user id → ids of his roles, of all users or of those named."""
    statement = select(user_role).order_by(user_role.c.user_id, user_role.c.role_id).limit(MAX_ROWS * 5)
    if user_ids is not None:
        statement = statement.where(user_role.c.user_id.in_(list(user_ids)))
    held: dict[str, list[str]] = {}
    for row in connection.execute(statement):
        held.setdefault(row.user_id, []).append(row.role_id)
    return held


def _rows(connection: Connection, statement: Select[Any], id_column: Any,
          ids: Sequence[str] | None) -> Iterable[Row[Any]]:
    if ids is not None:
        statement = statement.where(id_column.in_(ids))
    return connection.execute(statement.order_by(id_column).limit(MAX_ROWS))
