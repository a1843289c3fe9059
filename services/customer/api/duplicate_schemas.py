"""Shapes of duplicates and merges."""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from services.customer.api.schemas import LikenessSchema, RecordSchema
from services.customer.model.likeness.kinds import KINDS
from services.customer.model.likeness.setup import OTHERS
from services.customer.store.duplicates.pairs import DECISIONS, OPEN


class PairSchema(Schema):
    """Two records that look alike."""

    id = fields.UUID(required=True)
    score = fields.Float(required=True)
    state = fields.String(required=True, validate=OneOf([OPEN, *DECISIONS]))
    decided_by = fields.String(required=True, allow_none=True)
    decided_at = fields.String(required=True, allow_none=True)
    reasons = fields.List(fields.Nested(LikenessSchema), required=True)
    records = fields.List(fields.Nested(RecordSchema), required=True)


class DecisionSchema(Schema):
    """What somebody decided about a pair."""

    decision = fields.String(required=True, validate=OneOf([OPEN, *DECISIONS]))


class ScanSchema(Schema):
    """One look through all records of an object."""

    id = fields.UUID(required=True)
    state = fields.String(required=True, validate=OneOf(["running", "finished", "failed"]))
    records = fields.Integer(required=True)
    pairs = fields.Integer(required=True)
    started_at = fields.String(required=True)
    finished_at = fields.String(required=True, allow_none=True)


class LatestScanSchema(Schema):
    """The latest scan, or null before the first."""

    scan = fields.Nested(ScanSchema, required=True, allow_none=True)


class SetupFieldSchema(Schema):
    """A field, and what its values are for likeness."""

    field = fields.String(required=True)


SetupFieldSchema._declared_fields["as"] = fields.String(required=True, validate=OneOf(list(KINDS)))


class SetupSchema(Schema):
    """What counts for an object, the score from which a pair is shown, what is told of records that one may not see."""

    threshold = fields.String()
    others = fields.String(validate=OneOf(OTHERS))
    fields = fields.List(fields.Nested(SetupFieldSchema), required=True)


class ShownSetupSchema(SetupSchema):
    """The same, and whether somebody chose it; otherwise the fields suggest it."""

    is_chosen = fields.Boolean(required=True)


class MergeSchema(Schema):
    """The record that goes, the fields whose values are taken from it, the versions that the caller has seen."""

    merged = fields.UUID(required=True)
    take = fields.List(fields.String(), allow_none=True)
    versions = fields.Dict(keys=fields.String(), values=fields.Integer(), allow_none=True)


class MergedSchema(Schema):
    """The merge, and the survivor afterwards."""

    merge_id = fields.UUID(required=True)
    record = fields.Nested(RecordSchema, required=True)


class MergeLineSchema(Schema):
    """A merge that was done."""

    id = fields.UUID(required=True)
    object = fields.String(required=True)
    survivor_id = fields.UUID(required=True)
    survivor_title = fields.String(required=True)
    merged_id = fields.UUID(required=True)
    merged_title = fields.String(required=True)
    at = fields.String(required=True)
    by = fields.Dict(required=True, allow_none=True)
    undone_at = fields.String(required=True, allow_none=True)


class UndoneSchema(Schema):
    """The record that is back."""

    record = fields.Nested(RecordSchema, required=True)
