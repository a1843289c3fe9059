"""Shapes of kanbans, calendars and totals in the document; requests are judged by the queries."""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from services.customer.api.view_schemas import TotalLineSchema


class NarrowedSchema(Schema):
    """Which records."""

    criteria = fields.Dict(allow_none=True)
    q = fields.String(allow_none=True)


class KanbanQuerySchema(NarrowedSchema):
    """A kanban to be shown, or more cards of one of its columns."""

    group_field = fields.String(required=True)
    columns = fields.List(fields.String(allow_none=True))
    sort = fields.List(fields.String())
    limit = fields.Integer()
    cursor = fields.String()
    expand = fields.List(fields.String())
    fields = fields.List(fields.String())


class KanbanColumnSchema(Schema):
    """Cards with one value; null: without any."""

    value = fields.String(required=True, allow_none=True)
    items = fields.List(fields.Dict(), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class KanbanSchema(Schema):
    """The columns in the order of the choices."""

    columns = fields.List(fields.Nested(KanbanColumnSchema), required=True)


class CalendarQuerySchema(NarrowedSchema):
    """Days of a calendar, at most 62; days are those of the caller's time zone."""

    date_field = fields.String(required=True)
    end_field = fields.String(allow_none=True)
    first = fields.Date(required=True, data_key="from")
    last = fields.Date(required=True, data_key="to")
    limit = fields.Integer()
    cursor = fields.String()
    expand = fields.List(fields.String())
    fields = fields.List(fields.String())


class CalendarSchema(Schema):
    """Records in the order of time."""

    items = fields.List(fields.Dict(), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class TotalsQuerySchema(NarrowedSchema):
    """Numbers over records."""

    group_field = fields.String(allow_none=True)
    totals = fields.List(fields.Nested(TotalLineSchema))


class TogetherSchema(Schema):
    """Amounts of several currencies in the base currency; none while a rate is missing."""

    amount = fields.String(required=True, allow_none=True)
    currency = fields.String(required=True)
    without_rate = fields.List(fields.String(), required=True)


class TotalSchema(TotalLineSchema):
    """One number; of money a list of amounts, one of each currency, and what they are together if that is not it."""

    value = fields.Raw(required=True, allow_none=True)
    base = fields.Nested(TogetherSchema)


class TotalGroupSchema(Schema):
    """The numbers of one value; without a group the whole."""

    value = fields.String(required=True, allow_none=True)
    count = fields.Integer(required=True)
    totals = fields.List(fields.Nested(TotalSchema), required=True)


class TotalsSchema(Schema):
    """Numbers, and how sure they are: `at_least` when there was not time for all records, `unknown` for none."""

    groups = fields.List(fields.Nested(TotalGroupSchema), required=True)
    sure = fields.String(required=True, data_key="is", validate=OneOf(["exact", "at_least", "unknown"]))
