"""Reading users."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select

from chassis.http.paging import list_page
from gateway.queries.directory import role_ids
from gateway.store.tables import user_account, user_role

_SHOWN = ("id", "username", "name", "email", "phone", "department_id", "locale", "timezone", "field_rules", "active",
          "must_change_password", "last_sign_in_at", "created_at", "updated_at", "version")
_COLUMNS = [user_account.c[name] for name in _SHOWN]


def find(connection: Connection, id: str) -> dict[str, Any] | None:
    """Return one user as in the API, or None."""
    row = connection.execute(select(*_COLUMNS).where(user_account.c.id == id)).one_or_none()
    return _shown(row) | {"role_ids": role_ids(connection, [id]).get(id, [])} if row else None


def find_by_username(connection: Connection, username: str) -> dict[str, Any] | None:
    """Return the whole row of a canonical user name, with the password's hash; never to be shown."""
    row = connection.execute(select(user_account).where(user_account.c.username == username)).one_or_none()
    return dict(row._mapping) if row else None


def page_of_users(connection: Connection, ask: Mapping[str, Any]) -> dict[str, Any]:
    """Return a page of users by name; `ask` has q, department_id, role_id, active, limit, cursor."""
    statement = select(*_COLUMNS)
    if ask["q"]:
        statement = statement.where(or_(*(contains(user_account.c[name], ask["q"])
                                          for name in ("name", "username", "email"))))
    if ask["department_id"]:
        statement = statement.where(user_account.c.department_id == ask["department_id"])
    if ask["role_id"]:
        statement = statement.where(user_account.c.id.in_(
            select(user_role.c.user_id).where(user_role.c.role_id == ask["role_id"])))
    if ask["active"] is not None:
        statement = statement.where(user_account.c.active.is_(ask["active"]))
    page = list_page(connection, statement, [(user_account.c.name, False), (user_account.c.id, False)],
                     limit=ask["limit"], cursor=ask["cursor"], render=_shown)
    held = role_ids(connection, [item["id"] for item in page["items"]])
    for item in page["items"]:
        item["role_ids"] = held.get(item["id"], [])
    return page


def page_of_people(connection: Connection, ask: Mapping[str, Any]) -> dict[str, Any]:
    """Return a page of what everybody may see of colleagues."""
    columns = [user_account.c[name] for name in ("id", "name", "department_id", "active")]
    statement = select(*columns)
    if ask["q"]:
        statement = statement.where(or_(contains(user_account.c.name, ask["q"]),
                                        contains(user_account.c.username, ask["q"])))
    if ask["active"] is not None:
        statement = statement.where(user_account.c.active.is_(ask["active"]))
    return list_page(connection, statement, [(user_account.c.name, False), (user_account.c.id, False)],
                     limit=ask["limit"], cursor=ask["cursor"], render=lambda row: dict(row._mapping))


def _shown(row: Row[Any]) -> dict[str, Any]:
    return dict(row._mapping) | {"field_rules": row.field_rules or {}}


def contains(column: Any, text: str) -> Any:
    """Return the condition that a column holds text, whatever its case; `%` and `_` mean themselves."""
    escaped = text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return func.lower(column).like(f"%{escaped}%", escape="\\")
