"""Shapes of layouts. The model judges them and points at each mistake; these describe."""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import OneOf, Range

from services.customer.model.layouts.document import RESTS, WIDTHS

_LABEL = {"additionalProperties": {"type": "string"}, "example": {"en": "Company", "zh-CN": "公司"}}
_CONDITION = {"type": ["object", "null"], "description": "criteria over the record; null: always, or never demanded"}


class PlacedFieldSchema(Schema):
    """A field on a form."""

    field = fields.String(required=True)
    width = fields.String(validate=OneOf(WIDTHS))
    help = fields.Dict(metadata=_LABEL)
    read_only = fields.Boolean()
    required = fields.Boolean()
    visible_when = fields.Raw(allow_none=True, metadata=_CONDITION)
    required_when = fields.Raw(allow_none=True, metadata=_CONDITION)


class LayoutSectionSchema(Schema):
    """A section of a form; its conditions hold for all of its fields."""

    label = fields.Dict(metadata=_LABEL)
    help = fields.Dict(metadata=_LABEL)
    columns = fields.Integer(validate=Range(1, 2))
    visible_when = fields.Raw(allow_none=True, metadata=_CONDITION)
    required_when = fields.Raw(allow_none=True, metadata=_CONDITION)
    fields = fields.List(fields.Nested(PlacedFieldSchema))


class LayoutChangeSchema(Schema):
    """What can be changed of a layout. The first that fits applies: by position, the default ones last."""

    label = fields.Dict(metadata=_LABEL)
    position = fields.Integer(validate=Range(0, 10_000))
    active = fields.Boolean()
    default = fields.Boolean(metadata={"description": "when no other one fits; roles and criteria do not count"})
    roles = fields.List(fields.String(), metadata={"description": "keys of roles; none: everybody"})
    criteria = fields.Raw(allow_none=True, metadata={**_CONDITION, "description": "for which records"})
    sections = fields.List(fields.Nested(LayoutSectionSchema))
    rest = fields.String(validate=OneOf(RESTS), metadata={"description": "fields that no section places"})


class NewLayoutSchema(LayoutChangeSchema):
    """A layout to be made."""

    key = fields.String(required=True)


class LayoutSchema(NewLayoutSchema):
    """A layout."""

    object = fields.String(required=True)
    version = fields.Integer(required=True)


class LayoutsSchema(Schema):
    """All layouts of an object, on one page."""

    items = fields.List(fields.Nested(LayoutSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class ShownLayoutSchema(Schema):
    """A layout as the caller may see it."""

    key = fields.String(required=True)
    version = fields.Integer(required=True)
    label = fields.Dict(required=True, metadata=_LABEL)
    criteria = fields.Raw(allow_none=True, metadata=_CONDITION)
    sections = fields.List(fields.Nested(LayoutSectionSchema), required=True)
    rest = fields.String(required=True, validate=OneOf(RESTS))


class ResolvedLayoutSchema(Schema):
    """The layout that applies, and all that are meant for the caller, in the order in which they are tried."""

    object = fields.String(required=True)
    layout = fields.Nested(ShownLayoutSchema, required=True)
    candidates = fields.List(fields.Nested(ShownLayoutSchema), required=True)
