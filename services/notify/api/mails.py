"""The log of mail to customers: what was sent about which record, when, and what became of it."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from chassis.auth import current_principal, requires
from chassis.clock import to_wire
from chassis.db import UnitOfWork
from chassis.http.openapi import ServiceBlueprint, page_of
from chassis.http.paging import list_page
from chassis.http.parsing import IdField
from chassis.http.writes import writes
from services.notify.api.logs import LogQuery, entries
from services.notify.api.people import live_service
from services.notify.store.tables import customer_mail
from services.notify.usecases.mails.sending import send_mail_again

mails = ServiceBlueprint("mails", __name__, url_prefix="/v1/mails", description="Mail to customers")

_ORDER = ((customer_mail.c.created_at, True), (customer_mail.c.id, True))


class MailSchema(Schema):
    """One message to a customer."""

    id = fields.String(required=True)
    object = fields.String(required=True)
    record_id = fields.String(required=True)
    address = fields.String(required=True, allow_none=True)
    template = fields.String(required=True)
    rule = fields.Dict(required=True)
    subject = fields.String(required=True, allow_none=True)
    status = fields.String(required=True)
    problem = fields.String(required=True, allow_none=True)
    answer = fields.String(required=True, allow_none=True)
    attempts = fields.Integer(required=True)
    created_at = fields.String(required=True)
    updated_at = fields.String(required=True)


class MailQuery(LogQuery):
    """Filters of the log."""

    record_id = IdField(load_default=None)


@mails.route("")
@requires("audit.read")
@mails.arguments(MailQuery, location="query")
@mails.response(200, page_of(MailSchema))
def list_all(query: dict[str, Any]) -> Any:
    """List messages to customers, newest first."""
    statement = entries(customer_mail, query, ("status", "record_id", "template"))
    with live_service().db.read() as connection:
        return list_page(connection, statement, _ORDER, limit=query["limit"], cursor=query["cursor"], render=_render)


@mails.route("/<id>/send-again", methods=["POST"])
@writes
@requires("system.read")
@mails.response(204)
def again(id: str, uow: UnitOfWork) -> None:
    """Send a message once more that failed, was left out, or of which nobody knows whether it went out."""
    send_mail_again(live_service(), uow, current_principal(), id)


def _render(row: Any) -> dict[str, Any]:
    shown = ("id", "object", "record_id", "address", "template", "rule", "subject", "status", "problem", "answer",
             "attempts")
    return {name: row._mapping[name] for name in shown} | {
        "created_at": to_wire(row.created_at), "updated_at": to_wire(row.updated_at)}
