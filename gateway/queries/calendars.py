"""Reading working calendars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from chassis.http.paging import list_page
from gateway.store.tables import calendar

_SHOWN = ("id", "key", "name", "timezone", "week", "days", "is_default", "created_at", "updated_at", "version")
_COLUMNS = [calendar.c[name] for name in _SHOWN]


def find(connection: Connection, id: str) -> dict[str, Any] | None:
    """Return one calendar as in the API, or None."""
    row = connection.execute(select(*_COLUMNS).where(calendar.c.id == id)).one_or_none()
    return dict(row._mapping) if row else None


def page_of_calendars(connection: Connection, ask: Mapping[str, Any]) -> dict[str, Any]:
    """Return a page of calendars in the order in which they were made."""
    return list_page(connection, select(*_COLUMNS), [(calendar.c.id, False)], limit=ask["limit"], cursor=ask["cursor"],
                     render=lambda row: dict(row._mapping))
