"""Shapes of public forms. The model judges them and points at each mistake; these describe."""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import OneOf, Range

from services.customer.api.layout_schemas import LayoutSectionSchema
from services.customer.model.web_forms.document import GUARDS, MAX_PER_HOUR, TRACKED

_LABEL = {"additionalProperties": {"type": "string"}, "example": {"en": "Contact us", "zh-CN": "联系我们"}}


class WebFormChangeSchema(Schema):
    """What can be changed of a public form; its sections are those of a layout, whose conditions look only upwards."""

    slug = fields.String(metadata={"description": "its public address is /f/{slug}"})
    label = fields.Dict(metadata=_LABEL)
    active = fields.Boolean()
    title = fields.Dict(metadata=_LABEL)
    intro = fields.Dict(metadata=_LABEL)
    button = fields.Dict(metadata=_LABEL)
    thanks = fields.Dict(metadata=_LABEL)
    consent = fields.Dict(metadata={**_LABEL, "description": "what a visitor must agree to; empty: nothing"})
    redirect = fields.Dict(metadata={**_LABEL, "description": "address to go on to, by language; empty: the thanks"})
    sections = fields.List(fields.Nested(LayoutSectionSchema))
    values = fields.Dict(metadata={"description": "fixed values of every record"})
    tracking = fields.Dict(metadata={"description": f"{', '.join(TRACKED)} → field"})
    owner_id = fields.UUID(allow_none=True)
    origins = fields.List(fields.String(), metadata={"description": "pages that may embed it"})
    guard = fields.String(validate=OneOf(GUARDS))
    per_hour = fields.Integer(validate=Range(1, MAX_PER_HOUR), metadata={"description": "messages of one address"})
    min_seconds = fields.Integer(validate=Range(0, 60), metadata={"description": "a faster message is no person's"})


class NewWebFormSchema(WebFormChangeSchema):
    """A public form to be made."""

    object = fields.String(required=True)


class WebFormSchema(NewWebFormSchema):
    """A public form."""

    id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    messages = fields.Integer(metadata={"description": "records of the last 30 days"})
    last_message_at = fields.String(allow_none=True)


class WebFormsSchema(Schema):
    """All public forms, on one page."""

    items = fields.List(fields.Nested(WebFormSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
