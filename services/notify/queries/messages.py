"""What a person reads: one message, or one digest of a bulk operation with a line for each kind of news."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from chassis.ids import is_id
from services.notify.model.templates import BOARD_SENT, Reader, Rendered, of_channel, render, render_digest
from services.notify.queries.templates import templates_of
from services.notify.store.tables import digest_part

_PARTS_SHOWN = 20


def render_rows(connection: Connection, rows: Sequence[Any], reader: Reader,
                channel: str | None = None) -> list[Rendered]:
    """Render inbox items or deliveries of one channel, which must all be the same person's, in their order."""
    parts = _parts(connection, rows)
    keys = {row.template for row in rows} | {part.template for group in parts.values() for part in group}
    templates = {key: of_channel(body, channel) for key, body in templates_of(connection, keys).items()}
    return [_render(row, parts.get(row.group_key), templates, reader) for row in rows]


def file_of(row: Any) -> dict[str, str] | None:
    """The file that an inbox item or a delivery is about, `{"id","name"}`."""
    id = row.params.get("file_id")
    if row.template != BOARD_SENT or row.count > 1 or not is_id(id):
        return None
    return {"id": id, "name": str(row.params.get("file", ""))}


def _render(row: Any, parts: list[Any] | None, templates: dict[str, Any], reader: Reader) -> Rendered:
    if not parts:
        return render(templates[row.template], row.params, row.count, reader)
    return render_digest([(templates[part.template], part.params, part.count) for part in parts], reader)


def _parts(connection: Connection, rows: Sequence[Any]) -> dict[str, list[Any]]:
    groups = [row.group_key for row in rows if row.bulk]
    found: dict[str, list[Any]] = defaultdict(list)
    if groups:
        statement = select(digest_part).where(digest_part.c.user_id == rows[0].user_id,
                                              digest_part.c.group_key.in_(groups))
        for part in connection.execute(statement.order_by(digest_part.c.template).limit(len(groups) * _PARTS_SHOWN)):
            found[part.group_key].append(part)
    return found
