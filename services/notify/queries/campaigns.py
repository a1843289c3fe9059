"""Campaigns as they stand, with what became of their messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from chassis.clock import to_wire
from chassis.http.problem import not_found
from chassis.ids import is_id
from services.notify.store.tables import campaign, customer_mail

_SHOWN = ("id", "name", "object", "audience", "field", "template", "per_minute", "tracked", "state", "problem",
          "run_by", "created_by", "version")
_MOMENTS = ("started_at", "ended_at", "created_at", "updated_at")
_MAIL = customer_mail.c


def find_campaign(connection: Connection, id: str) -> Any:
    """The row of a campaign; raises 404."""
    row = connection.execute(select(campaign).where(campaign.c.id == id)).one_or_none() if is_id(id) else None
    if row is None:
        raise not_found("campaign")
    return row


def shown_campaigns(connection: Connection, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Campaigns in wire form, with their results."""
    ids = [row.id for row in rows]
    statuses, left = _statuses(connection, ids), _left(connection, ids)
    return [_shown(row) | {"results": _results(row, statuses.get(row.id, {}), left.get(row.id, 0))} for row in rows]


def shown_link(row: Any) -> dict[str, Any]:
    """A link that was followed, in wire form."""
    return {"url": row.url, "people": row.people, "clicks": row.clicks}


def _shown(row: Any) -> dict[str, Any]:
    moments = {name: to_wire(row._mapping[name]) if row._mapping[name] else None for name in _MOMENTS}
    starts_at = to_wire(row.due_at) if row.state == "scheduled" else None
    return {name: row._mapping[name] for name in _SHOWN} | moments | {"starts_at": starts_at}


def _results(row: Any, statuses: Mapping[tuple[str, str | None], int], left: int) -> dict[str, Any]:
    """Messages by what became of them; what was left out, before and at the moment of sending, by reason."""
    by_status = {name: sum(count for (status, _), count in statuses.items() if status == name)
                 for name in ("waiting", "sending", "sent", "failed", "uncertain")}
    left_out = dict(row.left_out)
    for (status, problem), count in statuses.items():
        if status == "skipped":
            left_out[problem or "skipped"] = left_out.get(problem or "skipped", 0) + count
    return {"sent": by_status["sent"], "failed": by_status["failed"], "uncertain": by_status["uncertain"],
            "waiting": by_status["waiting"] + by_status["sending"], "left_out": left_out, "opted_out": left,
            "opened": row.opened, "clicked": row.clicked, "hard_bounces": row.hard_bounces,
            "soft_bounces": row.soft_bounces}


def _statuses(connection: Connection, ids: Sequence[str]) -> dict[str, dict[tuple[str, str | None], int]]:
    found: dict[str, dict[tuple[str, str | None], int]] = {}
    by = (_MAIL.campaign_id, _MAIL.status, _MAIL.problem)
    for id, status, problem, count in connection.execute(
            select(*by, func.count()).where(_MAIL.campaign_id.in_(ids)).group_by(*by)):
        found.setdefault(id, {})[status, problem] = count
    return found


def _left(connection: Connection, ids: Sequence[str]) -> dict[str, int]:
    query = select(_MAIL.campaign_id, func.count()).where(
        _MAIL.campaign_id.in_(ids), _MAIL.left_at.is_not(None)).group_by(_MAIL.campaign_id)
    return {row[0]: row[1] for row in connection.execute(query)}
