"""Reading roles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from chassis.http.paging import list_page
from gateway.store.tables import role

_SHOWN = ("id", "key", "name", "permissions", "objects", "shipped", "created_at", "updated_at", "version")
_COLUMNS = [role.c[name] for name in _SHOWN]


def find(connection: Connection, id: str) -> dict[str, Any] | None:
    """Return one role as in the API, or None."""
    row = connection.execute(select(*_COLUMNS).where(role.c.id == id)).one_or_none()
    return dict(row._mapping) if row else None


def page_of_roles(connection: Connection, ask: Mapping[str, Any]) -> dict[str, Any]:
    """Return a page of roles by key."""
    return list_page(connection, select(*_COLUMNS), [(role.c.key, False)], limit=ask["limit"], cursor=ask["cursor"],
                     render=lambda row: dict(row._mapping))
