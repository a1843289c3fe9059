"""Reading departments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from chassis.http.paging import list_page
from gateway.queries.users import contains
from gateway.store.tables import department

_SHOWN = ("id", "key", "name", "parent_id", "path", "position", "calendar_id", "created_at", "updated_at", "version")
_COLUMNS = [department.c[name] for name in _SHOWN]


def find(connection: Connection, id: str) -> dict[str, Any] | None:
    """Return one department as in the API, or None."""
    row = connection.execute(select(*_COLUMNS).where(department.c.id == id)).one_or_none()
    return dict(row._mapping) if row else None


def page_of_departments(connection: Connection, ask: Mapping[str, Any]) -> dict[str, Any]:
    """Return a page of departments in the order that people gave them, then by name."""
    statement = select(*_COLUMNS)
    if ask["q"]:
        statement = statement.where(contains(department.c.name, ask["q"]))
    order = [(department.c.position, False), (department.c.name, False), (department.c.id, False)]
    return list_page(connection, statement, order, limit=ask["limit"], cursor=ask["cursor"],
                     render=lambda row: dict(row._mapping))
