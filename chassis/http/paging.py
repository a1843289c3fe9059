"""Keyset paging: a signed cursor holds the sort values of the last row shown.

A cursor is bound to the caller, the list and its order; anybody else's, or one of another query, is a 422. There is no
OFFSET anywhere: page 1,000 costs what page 1 costs.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import request
from sqlalchemy import ColumnElement, Connection, Select, and_, or_

from chassis.auth.guard import current_principal
from chassis.clock import from_wire, to_wire
from chassis.http.current import current_service
from chassis.http.problem import FieldProblem, invalid
from chassis.jsonio import dump_bytes, loads

DEFAULT_LIMIT, MAX_LIMIT = 20, 200


def encode_cursor(values: Sequence[Any], bound_to: str) -> str:
    """Return a cursor for these sort values; `bound_to` names the list and its order."""
    body = dump_bytes([_tagged(value) for value in values])
    return base64.urlsafe_b64encode(_mac(body, bound_to) + body).rstrip(b"=").decode()


def decode_cursor(text: str, bound_to: str) -> list[Any]:
    """Return the sort values of a cursor; raises 422 when it is broken, foreign or of another list."""
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        mac, body = raw[:16], raw[16:]
        if not hmac.compare_digest(mac, _mac(body, bound_to)):
            raise ValueError("not our cursor")
        return [_untagged(value) for value in loads(body)]
    except (ValueError, TypeError) as error:
        raise invalid(FieldProblem("?cursor", "cursor_invalid")) from error


def _mac(body: bytes, bound_to: str) -> bytes:
    secret = current_service().cursor_secret
    scope = hashlib.sha256(f"{current_principal().key}\n{bound_to}".encode()).digest()
    return hmac.new(secret, scope + body, hashlib.sha256).digest()[:16]


def _tagged(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"t": to_wire(value)}
    return {"d": str(value)} if isinstance(value, Decimal) else value


def _untagged(value: Any) -> Any:
    if isinstance(value, dict):
        return from_wire(value["t"]) if "t" in value else Decimal(value["d"])
    return value


def list_page(connection: Connection, statement: Select[Any], order: Sequence[tuple[ColumnElement[Any], bool]], *,
              limit: int, cursor: str | None, bound_to: str | None = None,
              render: Callable[[Any], Any]) -> dict[str, Any]:
    """Return `{"items", "next_cursor"}` for a small table.

    `order` is a sequence of (column, descending) whose last column is unique; the columns must not be null and must be
    among those that `statement` selects.
    """
    bound = bound_to or request.path + "?" + "&".join(
        f"{name}={value}" for name, value in sorted(request.args.items(multi=True)) if name not in ("cursor", "limit"))
    if cursor:
        statement = statement.where(after(order, decode_cursor(cursor, bound)))
    ordered = statement.order_by(*(column.desc() if down else column.asc() for column, down in order))
    rows = connection.execute(ordered.limit(limit + 1)).all()
    more = len(rows) > limit
    rows = rows[:limit]
    last = [getattr(rows[-1], column.key) for column, _ in order] if more else []
    return {"items": [render(row) for row in rows], "next_cursor": encode_cursor(last, bound) if more else None}


def after(order: Sequence[tuple[ColumnElement[Any], bool]], values: Sequence[Any]) -> ColumnElement[bool]:
    """Return the condition for rows that come after `values` in a mixed-direction order without nulls."""
    if len(values) != len(order):
        raise invalid(FieldProblem("?cursor", "cursor_invalid"))
    alternatives = []
    for position, (column, down) in enumerate(order):
        same = [earlier == value for (earlier, _), value in zip(order[:position], values, strict=False)]
        beyond = column < values[position] if down else column > values[position]
        alternatives.append(and_(*same, beyond))
    return or_(*alternatives)
