"""Shapes of going back, as the document shows them."""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from services.customer.api.schemas import RecordSchema

_STATES = OneOf(["exists", "not_yet", "deleted"])


class MomentSchema(Schema):
    """A record as it stood at a moment; null when it was not there."""

    at = fields.String(required=True)
    state = fields.String(required=True, validate=_STATES)
    record = fields.Nested(RecordSchema, required=True, allow_none=True)


class DifferenceSchema(Schema):
    """One field at two moments."""

    field = fields.String(required=True)
    before = fields.Raw(allow_none=True)
    after = fields.Raw(allow_none=True)


class ComparisonSchema(Schema):
    """What differs between two moments."""

    from_ = fields.String(required=True, data_key="from")
    to = fields.String(required=True)
    from_state = fields.String(required=True, validate=_STATES)
    to_state = fields.String(required=True, validate=_STATES)
    changes = fields.List(fields.Nested(DifferenceSchema), required=True)


class MomentChoiceSchema(Schema):
    """To which moment; `fields` when it is not the whole record."""

    at = fields.String(required=True)
    fields_ = fields.List(fields.String(), data_key="fields", allow_none=True)


class RestoredRecordSchema(Schema):
    """The record afterwards."""

    record = fields.Nested(RecordSchema, required=True)


class BroughtBackSchema(Schema):
    """The record that is back, and its fields whose links or files exist no more."""

    record = fields.Nested(RecordSchema, required=True)
    lost = fields.List(fields.String(), required=True)


class DeleterSchema(Schema):
    """Somebody."""

    id = fields.String(allow_none=True)
    name = fields.String(allow_none=True)


class DeletedRecordSchema(Schema):
    """A deleted record."""

    id = fields.String(required=True)
    title = fields.String(required=True, allow_none=True)
    owner_id = fields.String(required=True, allow_none=True)
    deleted_at = fields.String(required=True)
    deleted_by = fields.Nested(DeleterSchema, required=True, allow_none=True)
    purged_at = fields.String(required=True)


class DeletedRecordPageSchema(Schema):
    """Deleted records."""

    items = fields.List(fields.Nested(DeletedRecordSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
