"""Reading API keys; their secrets are nowhere to be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from chassis.http.paging import list_page
from gateway.store.tables import api_key

_SHOWN = ("id", "name", "user_id", "scopes", "created_at", "created_by", "expires_at", "last_used_at")
_COLUMNS = [api_key.c[name] for name in _SHOWN]


def find(connection: Connection, id: str) -> dict[str, Any]:
    """Return one key as in the API."""
    return dict(connection.execute(select(*_COLUMNS).where(api_key.c.id == id)).one()._mapping)


def page_of_keys(connection: Connection, ask: Mapping[str, Any]) -> dict[str, Any]:
    """Return a page of living keys, newest first."""
    statement = select(*_COLUMNS).where(api_key.c.revoked_at.is_(None))
    if ask["user_id"]:
        statement = statement.where(api_key.c.user_id == ask["user_id"])
    return list_page(connection, statement, [(api_key.c.id, True)], limit=ask["limit"], cursor=ask["cursor"],
                     render=lambda row: dict(row._mapping))
