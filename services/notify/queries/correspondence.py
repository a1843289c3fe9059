"""What the logs of mail know of people: what was written to them or about their records, and what they wrote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, select

from chassis.clock import to_wire
from services.notify.store.tables import customer_mail, incoming_mail

MOST = 2000


def correspondence(connection: Connection, ids: Sequence[str]) -> list[dict[str, Any]]:
    """The newest messages first, at most so many of each direction; `ids` are records, or people."""
    sent, came = customer_mail.c, incoming_mail.c
    out = [_line("out", row.created_at, row, row.status, row.template, row.object) for row in _newest(
        connection, customer_mail, (sent.record_id.in_(ids), sent.recipient_id.in_(ids)), sent.created_at)]
    into = [_line("in", row.at, row, row.outcome, None, None) for row in _newest(
        connection, incoming_mail, (came.record_id.in_(ids), came.person_id.in_(ids)), came.at)]
    return sorted(out + into, key=lambda one: str(one["at"]), reverse=True)


def _newest(connection: Connection, table: Table, ways: Sequence[ColumnElement[bool]], at: Any) -> list[Any]:
    """The newest rows of either way, each found by its own index."""
    rows = {row.id: row for way in ways for row in connection.execute(
        select(table).where(way).order_by(at.desc()).limit(MOST))}
    return sorted(rows.values(), key=lambda row: row._mapping[at.name], reverse=True)[:MOST]


def _line(direction: str, at: Any, row: Any, status: str, template: str | None, about: str | None) -> dict[str, Any]:
    return {"direction": direction, "at": to_wire(at), "address": row.address, "subject": row.subject,
            "status": status, "template": template, "object": about, "record_id": row.record_id}
