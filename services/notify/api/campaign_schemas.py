"""Shapes of campaigns on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import OneOf, Range, Regexp

from chassis.http.parsing import IdField, StrictSchema, Text
from chassis.i18n import LOCALES
from services.notify.api.webhook_schemas import in_our_time
from services.notify.model.campaigns import FASTEST, SLOWEST

_NAME = Regexp(r"[a-z][a-z0-9_]{0,59}\Z", error="wrong_type")
_KEY = Regexp(r"[a-z][a-z0-9_.]{0,59}\Z", error="wrong_type")
_PACE = Range(SLOWEST, FASTEST)


class AudienceSchema(StrictSchema):
    """A segment, or a condition as lists have them; exactly one."""

    segment = IdField()
    criteria = fields.Dict()


class NewCampaignSchema(StrictSchema):
    """A campaign to be; the template is about records of the same object and has a purpose."""

    name = Text(required=True, min=1, max=200)
    object = Text(required=True, max=60, validate=_NAME)
    audience = fields.Nested(AudienceSchema, required=True)
    field = Text(required=True, max=60, validate=_NAME, metadata={"description": "the e-mail field to write to"})
    template = Text(required=True, max=60, validate=_KEY)
    per_minute = fields.Integer(load_default=60, validate=_PACE)
    tracked = fields.Boolean(load_default=False, metadata={"description": "count who opens it and follows its links"})


class CampaignChangeSchema(StrictSchema):
    """Members to be changed."""

    name = Text(min=1, max=200)
    object = Text(max=60, validate=_NAME)
    audience = fields.Nested(AudienceSchema)
    field = Text(max=60, validate=_NAME)
    template = Text(max=60, validate=_KEY)
    per_minute = fields.Integer(validate=_PACE)
    tracked = fields.Boolean()


class ResultsSchema(Schema):
    """Messages by what became of them; `left_out` counts by reason. `opened` and `clicked` stay 0 when not tracked."""

    sent = fields.Integer(required=True)
    failed = fields.Integer(required=True)
    uncertain = fields.Integer(required=True)
    waiting = fields.Integer(required=True)
    left_out = fields.Dict(required=True)
    opted_out = fields.Integer(required=True)
    opened = fields.Integer(required=True)
    clicked = fields.Integer(required=True)
    hard_bounces = fields.Integer(required=True, metadata={"description": "came back: the address takes no mail"})
    soft_bounces = fields.Integer(required=True, metadata={"description": "came back for another reason"})


class CampaignSchema(Schema):
    """A campaign as it stands; `problem` is why it stopped by itself."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    object = fields.String(required=True)
    audience = fields.Dict(required=True)
    field = fields.String(required=True)
    template = fields.String(required=True)
    per_minute = fields.Integer(required=True)
    tracked = fields.Boolean(required=True)
    state = fields.String(required=True)
    problem = fields.String(required=True, allow_none=True)
    run_by = fields.String(required=True, allow_none=True)
    created_by = fields.String(required=True, allow_none=True)
    starts_at = fields.String(required=True, allow_none=True)
    started_at = fields.String(required=True, allow_none=True)
    ended_at = fields.String(required=True, allow_none=True)
    created_at = fields.String(required=True)
    updated_at = fields.String(required=True)
    version = fields.Integer(required=True)
    results = fields.Nested(ResultsSchema, required=True)


class FollowedLinkSchema(Schema):
    """A link of a campaign that was followed: by how many people, and how often."""

    url = fields.String(required=True)
    people = fields.Integer(required=True)
    clicks = fields.Integer(required=True)


class StartSchema(StrictSchema):
    """When it goes out; null: now."""

    at = fields.AwareDateTime(load_default=None, allow_none=True, validate=in_our_time)


class TrialSchema(StrictSchema):
    """The record that the text is about, and the language."""

    record_id = IdField(required=True)
    locale = Text(max=10, load_default="en", validate=OneOf(LOCALES))


class TriedLetterSchema(Schema):
    """Where it went, and what the mail server said."""

    address = fields.String(required=True)
    answer = fields.String(required=True)


class CountSchema(Schema):
    """How many get it and how many do not, by reason; not exact where there are more than are counted."""

    recipients = fields.Integer(required=True)
    left_out = fields.Dict(required=True)
    exact = fields.Boolean(required=True)
