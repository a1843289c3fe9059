"""`POST /v1/records/{object}/seen`: what a person sees of changes, asked by a service that tells others for him."""

from __future__ import annotations

from flask import Response
from marshmallow import Schema, fields
from marshmallow.validate import Length

from chassis.auth.guard import service_only
from chassis.http.current import current_service, json_answer
from chassis.http.openapi import ServiceBlueprint
from chassis.http.parsing import json_object
from services.customer.api import reading
from services.customer.api.documents import described
from services.customer.queries.seen_records import MAX_CHANGES, seen_changes

seeing = ServiceBlueprint("seeing", __name__, url_prefix="/v1/records", description="Changes as a person sees them")


class ChangeStatesSchema(Schema):
    """The record after a change, and the former values of what has changed."""

    after = fields.Dict(required=True)
    before = fields.Dict()


class SeenAskedSchema(Schema):
    """Changes as events tell them, and who shall see them."""

    person = fields.UUID(required=True)
    changes = fields.List(fields.Nested(ChangeStatesSchema), required=True, validate=Length(max=MAX_CHANGES))


class SeenSchema(Schema):
    """For each change what the person sees of it, null for nothing."""

    seen = fields.List(fields.Dict(allow_none=True), required=True)


@seeing.route("/<object>/seen", methods=["POST"])
@service_only
@seeing.doc(**described(SeenAskedSchema))
@seeing.response(200, SeenSchema)
def seen(object: str) -> Response:
    """Show changes as a person sees them; only for services."""
    given = reading.only(json_object(), "person", "changes")
    record_type = reading.record_type_of(object)
    found = seen_changes(current_service(), record_type, given.get("person"), given.get("changes"))
    return json_answer({"seen": found})
