"""`POST /v1/survey-invitations`: the address of a survey for one mail, asked by the service that sends it."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields
from marshmallow.validate import OneOf, Regexp

from chassis.auth.guard import service_only
from chassis.http.current import current_service
from chassis.http.openapi import ServiceBlueprint
from chassis.http.parsing import IdField, StrictSchema, Text
from chassis.http.writes import writes
from chassis.i18n import LOCALES
from services.customer.model.surveys import SCALES
from services.customer.usecases.surveys import invite

surveys = ServiceBlueprint("surveys", __name__, url_prefix="/v1/survey-invitations", description="Surveys by link")

_NAME = Regexp(r"[a-z][a-z0-9_]{0,62}\Z", error="wrong_type")


class InvitationSchema(StrictSchema):
    """Who is asked about what; the same id is the same invitation."""

    id = IdField(required=True)
    kind = Text(required=True, max=10, validate=OneOf(tuple(SCALES)))
    survey = Text(required=True, min=1, max=200)
    object = Text(required=True, max=63, validate=_NAME)
    record_id = IdField(required=True)
    recipient_object = Text(required=True, max=63, validate=_NAME)
    recipient_id = IdField(required=True)
    locale = Text(required=True, max=10, validate=OneOf(LOCALES))


class AddressSchema(Schema):
    """Where the survey stands."""

    url = fields.String(required=True)


@surveys.route("", methods=["POST"])
@service_only
@writes
@surveys.arguments(InvitationSchema)
@surveys.response(200, AddressSchema)
def create(wanted: dict[str, Any], uow: Any) -> Any:
    """Return the address of a survey; only for services."""
    return {"url": invite(current_service(), uow, wanted)}
