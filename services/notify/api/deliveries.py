"""The delivery log: what was sent to whom by which channel, and what the other side said, and one more try."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from chassis.auth import current_principal, requires
from chassis.clock import to_wire
from chassis.db import UnitOfWork
from chassis.http.openapi import ServiceBlueprint, page_of
from chassis.http.paging import list_page
from chassis.http.parsing import IdField, Text
from chassis.http.writes import writes
from services.notify.api.logs import LogQuery, entries
from services.notify.api.people import live_service, person
from services.notify.store.tables import delivery
from services.notify.usecases.resend import send_again

deliveries = ServiceBlueprint("deliveries", __name__, url_prefix="/v1/deliveries", description="Delivery log")

_ORDER = ((delivery.c.created_at, True), (delivery.c.id, True))


class DeliverySchema(Schema):
    """One message by one outside channel."""

    id = fields.String(required=True)
    user_id = fields.String(required=True)
    user_name = fields.String(required=True, allow_none=True)
    channel = fields.String(required=True)
    template = fields.String(required=True)
    count = fields.Integer(required=True)
    status = fields.String(required=True)
    attempts = fields.Integer(required=True)
    answer = fields.String(required=True, allow_none=True)
    due_at = fields.String(required=True)
    created_at = fields.String(required=True)
    updated_at = fields.String(required=True)


class DeliveryQuery(LogQuery):
    """Filters of the log."""

    user_id = IdField(load_default=None)
    channel = Text(max=40, load_default=None)


@deliveries.route("")
@deliveries.arguments(DeliveryQuery, location="query")
@deliveries.response(200, page_of(DeliverySchema))
def list_all(query: dict[str, Any]) -> Any:
    """List deliveries, newest first: one's own, or all for who may read the audit log."""
    statement = entries(delivery, query, ("status", "user_id", "channel", "template"))
    if not current_principal().can("audit.read"):
        statement = statement.where(delivery.c.user_id == person().user_id)
    with live_service().db.read() as connection:
        return list_page(connection, statement, _ORDER, limit=query["limit"], cursor=query["cursor"], render=_render)


@deliveries.route("/<id>/send-again", methods=["POST"])
@writes
@requires("system.read")
@deliveries.response(204)
def again(id: str, uow: UnitOfWork) -> None:
    """Send a message once more that failed, was left out, or of which nobody knows whether it went out."""
    send_again(live_service(), uow, current_principal(), id)


def _render(row: Any) -> dict[str, Any]:
    return {"id": row.id, "user_id": row.user_id, "user_name": live_service().directory.name_of(row.user_id),
            "channel": row.channel, "template": row.template, "count": row.count, "status": row.status,
            "attempts": row.attempts, "answer": row.answer, "due_at": to_wire(row.due_at),
            "created_at": to_wire(row.created_at), "updated_at": to_wire(row.updated_at)}
