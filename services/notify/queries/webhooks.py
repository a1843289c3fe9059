"""Webhooks and their logs, as the API shows them. Secrets and contents of messages are never among it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from chassis.clock import to_wire
from chassis.http.problem import not_found
from chassis.ids import is_id
from services.notify.store.tables import webhook, webhook_attempt, webhook_message

_ATTEMPTS_SHOWN = 20


def find_webhook(connection: Connection, id: str) -> Any:
    """Return the row of a webhook; raises 404."""
    row = connection.execute(select(webhook).where(webhook.c.id == id)).one_or_none() if is_id(id) else None
    if row is None:
        raise not_found("webhook")
    return row


def shown_webhook(row: Any) -> dict[str, Any]:
    """Return a webhook as the API shows it."""
    kept = [one["until"] for one in row.secrets if one["until"]]
    return {"id": row.id, "name": row.name, "url": row.url, "acts_as": row.acts_as, "kinds": row.kinds,
            "objects": row.objects, "with_imports": row.with_imports, "skip_own": row.skip_own, "state": row.state,
            "off_reason": row.off_reason, "failures": row.failures, "failing_since": _moment(row.failing_since),
            "paused_until": to_wire(row.paused_until) if row.failures else None,
            "old_secret_until": kept[0] if kept else None, "version": row.version,
            "created_at": to_wire(row.created_at), "updated_at": to_wire(row.updated_at)}


def messages_of(webhook_id: str, filters: dict[str, Any]) -> Select[Any]:
    """Return the statement for the log of a webhook; order and bound are the caller's."""
    statement = select(webhook_message).where(webhook_message.c.webhook_id == webhook_id)
    for name in ("status", "kind", "object", "record_id"):
        if filters.get(name):
            statement = statement.where(webhook_message.c[name] == filters[name])
    return statement


def shown_messages(connection: Connection, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Return messages as the API shows them, each with its newest attempts, newest first."""
    attempts: dict[str, list[dict[str, Any]]] = defaultdict(list)
    if rows:
        query = select(webhook_attempt).where(webhook_attempt.c.message_id.in_([row.id for row in rows]))
        for one in connection.execute(query.order_by(webhook_attempt.c.at.desc()).limit(len(rows) * _ATTEMPTS_SHOWN)):
            attempts[one.message_id].append({"at": to_wire(one.at), "status": one.status,
                                             "milliseconds": one.milliseconds, "answer": one.answer})
    return [_message(row, attempts[row.id][:_ATTEMPTS_SHOWN]) for row in rows]


def _message(row: Any, attempts: list[dict[str, Any]]) -> dict[str, Any]:
    return {"id": row.id, "kind": row.kind, "object": row.object, "record_id": row.record_id, "status": row.status,
            "attempts": row.attempts, "due_at": to_wire(row.due_at) if row.status == "waiting" else None,
            "created_at": to_wire(row.created_at), "updated_at": to_wire(row.updated_at), "log": attempts}


def _moment(moment: Any) -> str | None:
    return to_wire(moment) if moment else None
