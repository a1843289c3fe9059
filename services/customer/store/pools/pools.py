"""Pools as rows; the registry of record types knows them, so a change counts as one of a definition."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from services.customer.model.pools import Pool, pool_of
from services.customer.store.pools.tables import pool


def read_pools(connection: Connection) -> dict[str, tuple[Pool, ...]]:
    """Object → its pools, in the order in which they were made."""
    found: dict[str, list[Pool]] = {}
    for row in connection.execute(select(pool).order_by(pool.c.id)):
        found.setdefault(row.object, []).append(pool_of_row(row))
    return {name: tuple(pools) for name, pools in found.items()}


def pool_of_row(row: Any) -> Pool:
    """The pool of a row."""
    return pool_of(row.id, row.version, row.object, row.body)
