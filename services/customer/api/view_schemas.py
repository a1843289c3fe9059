"""Shapes of saved views in the document; requests are judged by the use cases, which point at each mistake."""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import OneOf, Range

from chassis.http.openapi import PageQuery
from chassis.http.paging import DEFAULT_LIMIT, MAX_LIMIT
from chassis.http.parsing import StrictSchema, Text
from services.customer.model.views import FUNCTIONS, KINDS, MAX_WIDTH, MIN_WIDTH

_LABEL = {"additionalProperties": {"type": "string"}, "example": {"en": "My leads", "zh-CN": "我的线索"}}
VISIBILITIES = ("private", "shared", "everybody")


class ViewColumnSchema(Schema):
    """A column of a view; without a width it is as wide as its field wants."""

    field = fields.String(required=True)
    width = fields.Integer(allow_none=True, validate=Range(MIN_WIDTH, MAX_WIDTH))


class TotalLineSchema(Schema):
    """One number below a list."""

    field = fields.String(required=True)
    function = fields.String(required=True, validate=OneOf(FUNCTIONS))


class ViewBodySchema(Schema):
    """Members of a view that shall be set."""

    name = fields.Dict(metadata=_LABEL)
    kind = fields.String(validate=OneOf(KINDS))
    criteria = fields.Dict(allow_none=True)
    sort = fields.List(fields.String())
    columns = fields.List(fields.Nested(ViewColumnSchema))
    frozen = fields.Integer()
    group_field = fields.String(allow_none=True)
    sum_field = fields.String(allow_none=True)
    date_field = fields.String(allow_none=True)
    end_field = fields.String(allow_none=True)
    color_field = fields.String(allow_none=True)
    totals = fields.List(fields.Nested(TotalLineSchema))
    visibility = fields.String(validate=OneOf(VISIBILITIES))
    role_keys = fields.List(fields.String())
    department_ids = fields.List(fields.String())
    is_default = fields.Boolean()
    position = fields.Integer()


class NewViewSchema(ViewBodySchema):
    """A view to be made; `key` is for packs."""

    object = fields.String()
    key = fields.String(allow_none=True)


class ViewSchema(NewViewSchema):
    """A view as the caller may see it; one that speaks of what he may not read is not usable and says nothing."""

    id = fields.UUID(required=True)
    owner_id = fields.UUID(required=True, allow_none=True)
    version = fields.Integer(required=True)
    editable = fields.Boolean(required=True)
    usable = fields.Boolean(required=True)
    created_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)


class ChoiceSchema(Schema):
    """What one person made of an object's views."""

    default_id = fields.UUID(allow_none=True)
    pinned = fields.List(fields.UUID())
    order = fields.List(fields.UUID())


class ViewsSchema(Schema):
    """All views of an object that the caller sees, on one page, in his order."""

    items = fields.List(fields.Nested(ViewSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
    default_id = fields.UUID(required=True, allow_none=True)
    choice = fields.Nested(ChoiceSchema, required=True)


class AllViewsQuery(PageQuery):
    """Which of all views."""

    pinned = fields.Boolean(load_default=False)


class ViewRecordsQuery(StrictSchema):
    """A page of what a view shows."""

    limit = fields.Integer(load_default=DEFAULT_LIMIT, validate=Range(1, MAX_LIMIT))
    cursor = Text(max=4000, load_default=None)
    total = Text(load_default=None, validate=OneOf(["exact", "estimate"]))
    expand = Text(load_default=None, validate=OneOf(["labels"]))
