"""Shapes of webhooks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import Schema, fields, validates_schema
from marshmallow import ValidationError as Refused
from marshmallow.validate import Length, OneOf, Range, Regexp

from chassis.http.openapi import PageQuery, page_of
from chassis.http.parsing import IdField, StrictSchema, Text
from services.notify.model.webhooks import KINDS, TEST

STATES = ("active", "off")
MESSAGE_STATES = ("waiting", "sent", "failed", "erased")
_OBJECT = Regexp(r"[a-z][a-z0-9_]{0,59}\Z", error="wrong_type")


def in_our_time(moment: datetime) -> None:
    """Moments at the ends of the calendar cannot be told in UTC."""
    if not 1970 < moment.year < 9000:
        raise Refused("out_of_range")


class _WebhookBody(StrictSchema):
    name = Text(max=100, min=1, metadata={"description": "what people call it"})
    url = Text(max=1000, min=1, metadata={"description": "where it is told: https, or http in an allowed network"})
    acts_as = IdField(metadata={"description": "the person who sees what it is told"})
    kinds = fields.List(Text(max=40, validate=OneOf(KINDS)), validate=Length(min=1, max=len(KINDS)))
    objects = fields.List(Text(max=60, validate=_OBJECT), validate=Length(min=1, max=200), allow_none=True,
                          metadata={"description": "null: all objects"})
    with_imports = fields.Boolean(metadata={"description": "also what imports write"})
    skip_own = fields.Boolean(metadata={"description": "leave out what its own person has changed"})
    state = Text(max=10, validate=OneOf(STATES))


class NewWebhookSchema(_WebhookBody):
    """A webhook to be made."""

    name = Text(max=100, min=1, required=True)
    url = Text(max=1000, min=1, required=True)
    acts_as = IdField(required=True)
    kinds = fields.List(Text(max=40, validate=OneOf(KINDS)), required=True, validate=Length(min=1, max=len(KINDS)))
    objects = fields.List(Text(max=60, validate=_OBJECT), validate=Length(min=1, max=200), allow_none=True,
                          load_default=None)
    with_imports = fields.Boolean(load_default=False)
    skip_own = fields.Boolean(load_default=False)
    state = Text(max=10, validate=OneOf(STATES), load_default="active")


class WebhookChangeSchema(_WebhookBody):
    """Members to change; those that are not given stay."""


class WebhookSchema(Schema):
    """A webhook."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    url = fields.String(required=True)
    acts_as = fields.String(required=True)
    kinds = fields.List(fields.String(), required=True)
    objects = fields.List(fields.String(), required=True, allow_none=True)
    with_imports = fields.Boolean(required=True)
    skip_own = fields.Boolean(required=True)
    state = fields.String(required=True, metadata={"description": "active, off, or failed: switched off by itself"})
    off_reason = fields.String(required=True, allow_none=True,
                               metadata={"description": "failing, gone, person_gone, secret_lost"})
    failures = fields.Integer(required=True, metadata={"description": "in a row"})
    failing_since = fields.String(required=True, allow_none=True)
    paused_until = fields.String(required=True, allow_none=True)
    old_secret_until = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)
    created_at = fields.String(required=True)
    updated_at = fields.String(required=True)


class SecretSchema(Schema):
    """A secret, which is shown this once."""

    secret = fields.String(required=True, metadata={"description": "`whsec_…`"})


class MadeWebhookSchema(WebhookSchema):
    """A webhook that was just made, with its secret; a repeated call gets it without."""

    secret = fields.String(metadata={"description": "`whsec_…`; shown this once"})


class RotationSchema(StrictSchema):
    """How long the present secret signs beside the new one."""

    overlap_hours = fields.Integer(load_default=24, validate=Range(0, 168))


class AttemptSchema(Schema):
    """One attempt; `status` is null when there was no answer, `answer` is its beginning."""

    at = fields.String(required=True)
    status = fields.Integer(required=True, allow_none=True)
    milliseconds = fields.Integer(required=True)
    answer = fields.String(required=True)


class MessageSchema(Schema):
    """One message of a webhook, with its newest attempts."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    object = fields.String(required=True, allow_none=True)
    record_id = fields.String(required=True, allow_none=True)
    status = fields.String(required=True)
    attempts = fields.Integer(required=True)
    due_at = fields.String(required=True, allow_none=True)
    created_at = fields.String(required=True)
    updated_at = fields.String(required=True)
    log = fields.List(fields.Nested(AttemptSchema), required=True)


class MessageQuery(PageQuery):
    """Filters of the log."""

    status = fields.String(load_default=None, validate=OneOf(MESSAGE_STATES))
    kind = fields.String(load_default=None, validate=OneOf((*KINDS, TEST)))
    object = Text(max=60, load_default=None, validate=_OBJECT)
    record_id = IdField(load_default=None)


class SpanSchema(StrictSchema):
    """Messages that were made from `since` on and before `until`."""

    since = fields.AwareDateTime(required=True, validate=in_our_time)
    until = fields.AwareDateTime(required=True, validate=in_our_time)
    failed_only = fields.Boolean(load_default=True)

    @validates_schema
    def _in_order(self, data: dict[str, Any], **_: Any) -> None:
        if data["until"] <= data["since"]:
            raise Refused({"until": ["span_order"]})


class ReplayedSchema(Schema):
    """How many messages were queued; `most` of them go at once, ask again for the rest."""

    count = fields.Integer(required=True)
    most = fields.Integer(required=True)


WebhookPageSchema = page_of(WebhookSchema)
MessagePageSchema = page_of(MessageSchema)
