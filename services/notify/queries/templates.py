"""Templates as they stand: the company's own, else the built-in ones, else the general message."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from chassis.clock import to_wire
from services.notify.model.templates import BUILT_IN, GENERIC
from services.notify.store.tables import template


def templates_of(connection: Connection, keys: set[str]) -> dict[str, dict[str, Any]]:
    """Return the texts of several templates with one query."""
    rows = connection.execute(select(template.c.key, template.c.body).where(template.c.key.in_(keys))).all()
    own = {row.key: row.body for row in rows}
    return {key: own.get(key) or BUILT_IN.get(key) or BUILT_IN[GENERIC] for key in keys}


def list_templates(connection: Connection) -> list[dict[str, Any]]:
    """Return all templates by key, the company's own in place of the built-in ones."""
    own = {row.key: row for row in connection.execute(select(template).order_by(template.c.key).limit(1000))}
    return [_render(key, own.get(key)) for key in sorted({*own, *BUILT_IN})]


def find_template(connection: Connection, key: str) -> dict[str, Any] | None:
    """Return one template as the API shows it, or None."""
    row = connection.execute(select(template).where(template.c.key == key)).one_or_none()
    return _render(key, row) if row is not None or key in BUILT_IN else None


def _render(key: str, row: Any) -> dict[str, Any]:
    body = row.body if row is not None else BUILT_IN[key]
    return {"channels": {}} | body | {
        "key": key, "built_in": row is None, "version": row.version if row is not None else 0,
        "updated_at": to_wire(row.updated_at) if row is not None else None}
