"""`/v1/audit`: who did what."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from chassis.auth.guard import requires
from chassis.http.openapi import PageQuery, ServiceBlueprint, page_of
from chassis.http.parsing import IdField, Text
from gateway.api.requests import service
from gateway.queries.audit import page_of_entries

pages = ServiceBlueprint("audit", __name__, url_prefix="/v1/audit", description="The audit log")


class PartySchema(Schema):
    """Who did it, or what it was done to."""

    kind = fields.String(required=True)
    id = fields.String(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)


class AuditEntrySchema(Schema):
    """An entry; `number` grows by one with each."""

    id = fields.String(required=True)
    number = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)
    actor = fields.Nested(PartySchema, required=True)
    action = fields.String(required=True)
    target = fields.Nested(PartySchema, required=True, allow_none=True)
    ip = fields.String(required=True, allow_none=True)
    request_id = fields.String(required=True)
    detail = fields.Dict(required=True)


class AuditQuery(PageQuery):
    """Which entries to list; an action that ends with a dot means all that begin so."""

    actor = IdField(load_default=None)
    target = IdField(load_default=None)
    action = Text(max=60, load_default=None)
    since = fields.AwareDateTime(format="iso", load_default=None, data_key="from", attribute="from")
    until = fields.AwareDateTime(format="iso", load_default=None, data_key="to", attribute="to")


@pages.route("")
@requires("audit.read")
@pages.arguments(AuditQuery, location="query")
@pages.response(200, page_of(AuditEntrySchema))
def list_entries(ask: dict[str, Any]) -> Any:
    """List entries, newest first."""
    with service().db.read() as connection:
        return page_of_entries(connection, ask)
