"""Shapes of the search."""

from __future__ import annotations

from marshmallow import Schema, fields


class HitSchema(Schema):
    """A record that was found; `matched` is the field, `record` holds what a line of results shows."""

    id = fields.UUID(required=True)
    title = fields.String(required=True, allow_none=True)
    matched = fields.String(required=True, allow_none=True)
    record = fields.Dict(required=True)


class GroupSchema(Schema):
    """The best hits of one object; `more` says that they are not all."""

    object = fields.String(required=True)
    more = fields.Boolean(required=True)
    items = fields.List(fields.Nested(HitSchema), required=True)


class FoundSchema(Schema):
    """A group per object with hits, the best group first."""

    items = fields.List(fields.Nested(GroupSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
