"""How the caller wants to be told."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import ValidationError, fields
from marshmallow.validate import OneOf

from chassis.db import UnitOfWork
from chassis.http.openapi import ServiceBlueprint
from chassis.http.parsing import StrictSchema
from chassis.http.writes import writes
from services.notify.api.people import live_service, person
from services.notify.model.timing import DEFAULT_PREFERENCES
from services.notify.store.tables import preference
from services.notify.usecases.preferences import choose

preferences = ServiceBlueprint("preferences", __name__, url_prefix="/v1/preferences",
                               description="How people want to be told")

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d\Z")


def _clock(text: str) -> None:
    if not _CLOCK.match(text):
        raise ValidationError("wrong_type")


class ChannelsSchema(StrictSchema):
    """Which channels are used."""

    inbox = fields.Boolean(required=True)
    email = fields.Boolean(required=True)
    sms = fields.Boolean(load_default=False)
    wecom = fields.Boolean(load_default=False)
    dingtalk = fields.Boolean(load_default=False)


QuietSchema = StrictSchema.from_dict(
    {"from": fields.String(required=True, validate=_clock), "to": fields.String(required=True, validate=_clock)},
    name="QuietSchema")


class PreferencesSchema(StrictSchema):
    """Channels, digest and quiet hours (in the person's own time zone)."""

    channels = fields.Nested(ChannelsSchema, required=True)
    digest = fields.String(required=True, validate=OneOf(["immediate", "daily"]))
    quiet = fields.Nested(QuietSchema, required=True, allow_none=True)


@preferences.route("")
@preferences.response(200, PreferencesSchema)
def get() -> Any:
    """Show the caller's preferences."""
    with live_service().db.read() as connection:
        row = connection.execute(preference.select().where(preference.c.user_id == person().user_id)).one_or_none()
    return DEFAULT_PREFERENCES | (row.body if row is not None else {})


@preferences.route("", methods=["PUT"])
@writes
@preferences.arguments(PreferencesSchema)
@preferences.response(200, PreferencesSchema)
def put(body: dict[str, Any], uow: UnitOfWork) -> Any:
    """Choose them."""
    choose(uow, person().user_id or "", body)
    return body


