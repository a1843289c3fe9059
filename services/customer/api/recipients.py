"""`POST /v1/recipients`: whom a campaign of a person would write to, slice by slice; only for services."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields
from marshmallow.validate import Range, Regexp

from chassis.auth.guard import service_only
from chassis.http.current import current_service, json_answer
from chassis.http.openapi import ServiceBlueprint
from chassis.http.parsing import IdField, StrictSchema, Text
from services.customer.api import reading
from services.customer.queries.recipients import MOST, Asked, recipients_slice

recipients = ServiceBlueprint("recipients", __name__, url_prefix="/v1/recipients",
                              description="Whom a campaign writes to")
_NAME = Regexp(r"[a-z][a-z0-9_]{0,62}\Z", error="wrong_type")


class RecipientsAskedSchema(StrictSchema):
    """A segment, or a condition; the field of the address; the purpose; who asks. The slice comes after an id."""

    person = IdField(required=True)
    object = Text(required=True, max=63, validate=_NAME)
    field = Text(required=True, max=63, validate=_NAME)
    purpose = Text(required=True, min=1, max=60)
    segment = IdField(load_default=None, allow_none=True)
    criteria = fields.Dict(load_default=None, allow_none=True)
    after = IdField(load_default=None, allow_none=True)
    limit = fields.Integer(load_default=MOST, validate=Range(1, MOST))


class RecipientSchema(Schema):
    """A record: hidden ones say nothing more. `granted` is the latest answer to the purpose, null for none."""

    id = fields.String(required=True)
    hidden = fields.Boolean(required=True)
    address = fields.String(required=True, allow_none=True)
    granted = fields.Boolean(required=True, allow_none=True)
    agreed_at = fields.String(required=True, allow_none=True)


class RecipientsSchema(Schema):
    """A slice in the order of ids; `next` is the id to go on after, null at the end."""

    items = fields.List(fields.Nested(RecipientSchema), required=True)
    next = fields.String(required=True, allow_none=True)


@recipients.route("", methods=["POST"])
@service_only
@recipients.arguments(RecipientsAskedSchema)
@recipients.response(200, RecipientsSchema)
def read(given: dict[str, Any]) -> Response:
    """Read a slice of recipients as a person sees them."""
    record_type = reading.record_type_of(given["object"])
    return json_answer(recipients_slice(current_service(), record_type, Asked(**given)))
