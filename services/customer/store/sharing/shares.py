"""Shares of single records as rows, and as events and other services see them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from chassis.clock import to_wire
from services.customer.store.sharing.tables import record_share


def share_body(row: Any, *, deleted: bool = False) -> dict[str, Any]:
    """A share as events carry it; taking it back counts as one more version."""
    return {"id": row.id, "version": row.version + deleted, "object": row.object, "record_id": row.record_id,
            "grantee": row.grantee, "level": row.level,
            "expires_at": to_wire(row.expires_at) if row.expires_at else None, "deleted": deleted}


def page_of_shares(connection: Connection, after: str | None, limit: int) -> list[dict[str, Any]]:
    """Shares in the order of their ids."""
    query = select(record_share).order_by(record_share.c.id).limit(limit)
    rows = connection.execute(query if after is None else query.where(record_share.c.id > after))
    return [share_body(row) for row in rows]
