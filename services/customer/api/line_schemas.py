"""What the API says and takes about records with their lines."""

from __future__ import annotations

from marshmallow import Schema, fields

from services.customer.api.schemas import RecordSchema

_LINES = {"description": "object of the lines → lines, in their order"}


class NewWithLinesSchema(Schema):
    """A record with its lines; of a line that stays its `id` is said."""

    values = fields.Dict()
    lines = fields.Dict(keys=fields.String(), values=fields.List(fields.Dict()), metadata=_LINES)


class WithLinesSchema(Schema):
    """A record with all its lines."""

    record = fields.Nested(RecordSchema, required=True)
    lines = fields.Dict(keys=fields.String(), values=fields.List(fields.Dict()), required=True, metadata=_LINES)


class FillSchema(Schema):
    """A record that is being written, and what it is a line of; `changed` names the fields that are new."""

    values = fields.Dict()
    parent = fields.Dict()
    changed = fields.List(fields.String(), allow_none=True)


class FilledSchema(Schema):
    """The values that were found."""

    values = fields.Dict(required=True)
