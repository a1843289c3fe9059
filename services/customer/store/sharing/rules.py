"""Sharing rules as rows; they are part of what the registry of record types knows, so a change counts as one of a
definition."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from services.customer.model.sharing import SharingRule
from services.customer.store.sharing.tables import shared_object, sharing_rule


def read_rules(connection: Connection) -> list[SharingRule]:
    """All rules, in a stable order."""
    return [rule_of(row) for row in connection.execute(select(sharing_rule).order_by(sharing_rule.c.id))]


def read_shared_objects(connection: Connection) -> set[str]:
    """The objects that have, or had, shares of single records."""
    return set(connection.execute(select(shared_object.c.object)).scalars())


def rule_of(row: Any) -> SharingRule:
    """The rule of a row."""
    return SharingRule(row.id, row.version, row.object, row.name, row.criteria, tuple(row.grantees), row.level,
                       row.active, row.pool_id, tuple(row.masked or ()))
