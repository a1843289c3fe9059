"""Shapes of segments, as the document shows them."""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import OneOf

_NAME = {"additionalProperties": {"type": "string"}, "example": {"en": "Sleeping customers", "zh-CN": "沉睡客户"}}


class SegmentChangeSchema(Schema):
    """What of a segment shall change."""

    name = fields.Dict(metadata=_NAME)
    criteria = fields.Dict()


class NewSegmentSchema(SegmentChangeSchema):
    """A segment to be defined."""

    object = fields.String(required=True)
    name = fields.Dict(required=True, metadata=_NAME)
    criteria = fields.Dict(required=True)


class SegmentSchema(NewSegmentSchema):
    """A segment; `resting` when its condition fits its object no more."""

    id = fields.String(required=True)
    title = fields.String()
    state = fields.String(required=True, validate=OneOf(["building", "ready", "resting"]))
    by_clock = fields.Boolean()
    version = fields.Integer(required=True)
    count = fields.Integer()
    count_is = fields.String(validate=OneOf(["exact", "at_least"]))
    updated_at = fields.String()


class SegmentsSchema(Schema):
    """The segments of an object, on one page."""

    items = fields.List(fields.Nested(SegmentSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class PassageSchema(Schema):
    """A record that entered or left."""

    id = fields.String(required=True)
    record_id = fields.String(required=True)
    title = fields.String(required=True)
    entered = fields.Boolean(required=True)
    at = fields.String(required=True)


class PassagesSchema(Schema):
    """Comings and goings."""

    items = fields.List(fields.Nested(PassageSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class RecordSegmentSchema(Schema):
    """A segment that a record is in."""

    id = fields.String(required=True)
    name = fields.Dict(required=True, metadata=_NAME)
    entered_at = fields.String(required=True)


class RecordSegmentsSchema(Schema):
    """The segments of a record, on one page."""

    items = fields.List(fields.Nested(RecordSegmentSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
