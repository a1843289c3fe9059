"""Reading the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, select

from chassis.http.paging import list_page
from gateway.store.tables import audit_entry


def page_of_entries(connection: Connection, ask: Mapping[str, Any]) -> dict[str, Any]:
    """Return a page of entries, newest first; `ask` has actor, action, from, to, limit, cursor."""
    statement = select(audit_entry)
    for condition in _conditions(ask):
        statement = statement.where(condition)
    return list_page(connection, statement, [(audit_entry.c.seq, True)], limit=ask["limit"], cursor=ask["cursor"],
                     render=_entry)


def _conditions(ask: Mapping[str, Any]) -> list[Any]:
    found = []
    if ask["actor"]:
        found.append(audit_entry.c.actor_id == ask["actor"])
    if ask["target"]:
        found.append(audit_entry.c.target_id == ask["target"])
    if ask["action"]:
        found.append(_action_is(ask["action"]))
    if ask["from"]:
        found.append(audit_entry.c.at >= ask["from"])
    if ask["to"]:
        found.append(audit_entry.c.at < ask["to"])
    return found


def _action_is(action: str) -> Any:
    """`sign_in.failed` is that action; `sign_in.` is all that begin so."""
    column = audit_entry.c.action
    return column.startswith(action, autoescape=True) if action.endswith(".") else column == action


def _entry(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id, "number": row.seq, "at": row.at, "action": row.action,
        "actor": {"kind": row.actor_kind, "id": row.actor_id, "name": row.actor_name},
        "target": {"kind": row.target_kind, "id": row.target_id, "name": row.target_name} if row.target_kind else None,
        "ip": row.ip, "request_id": row.request_id, "detail": row.detail}
