"""Templates of mail to customers as they stand."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from chassis.clock import to_wire
from services.notify.store.tables import mail_template

MOST_TEMPLATES = 500


def list_mail_templates(connection: Connection) -> list[dict[str, Any]]:
    """Return all templates by key."""
    rows = connection.execute(select(mail_template).order_by(mail_template.c.key).limit(MOST_TEMPLATES))
    return [_render(row) for row in rows]


def find_mail_template(connection: Connection, key: str) -> dict[str, Any] | None:
    """Return one template, or None."""
    row = connection.execute(select(mail_template).where(mail_template.c.key == key)).one_or_none()
    return None if row is None else _render(row)


def _render(row: Any) -> dict[str, Any]:
    return {**row.body, "key": row.key, "object": row.object, "version": row.version,
            "updated_at": to_wire(row.updated_at)}
