"""`POST /v1/correspondence`: what was written to people and came from them, for the service that reports on them."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields
from marshmallow.validate import Length

from chassis.auth import service_only
from chassis.http.openapi import ServiceBlueprint
from chassis.http.parsing import IdField
from services.notify.api.people import live_service
from services.notify.queries.correspondence import correspondence

blueprint = ServiceBlueprint("correspondence", __name__, url_prefix="/v1/correspondence",
                             description="Mail to and from people")


class WhoseSchema(Schema):
    """The records that stand for somebody: his own, and those that were merged into it."""

    ids = fields.List(IdField(), required=True, validate=Length(min=1, max=1000))


class LetterSchema(Schema):
    """A message to him or about him, or one that came from him; `direction` is out or in."""

    direction = fields.String(required=True)
    at = fields.String(required=True)
    address = fields.String(required=True, allow_none=True)
    subject = fields.String(required=True, allow_none=True)
    status = fields.String(required=True)
    template = fields.String(required=True, allow_none=True)
    object = fields.String(required=True, allow_none=True)
    record_id = fields.String(required=True, allow_none=True)


class LettersSchema(Schema):
    """The newest of them, at most 2,000 of each direction."""

    items = fields.List(fields.Nested(LetterSchema), required=True)


@blueprint.route("", methods=["POST"])
@service_only
@blueprint.arguments(WhoseSchema)
@blueprint.response(200, LettersSchema)
def read(whose: dict[str, Any]) -> Any:
    """List what was written to people, about them and by them; only for services."""
    with live_service().db.read() as connection:
        return {"items": correspondence(connection, whose["ids"])}
