"""Shapes of exports in the background."""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from services.customer.api.import_schemas import FORMATS, ProgressSchema, ReasonSchema
from services.customer.api.schemas import ExportSchema
from services.customer.usecases.exports.ask import STATES


class ExportWishSchema(ExportSchema):
    """What is taken out of which object."""

    object = fields.String(required=True)


class ExportRunSchema(Schema):
    """An export in the background; its file can be downloaded until `expires_at`."""

    id = fields.String(required=True)
    object = fields.String(required=True)
    state = fields.String(required=True, validate=OneOf(STATES))
    format = fields.String(required=True, validate=OneOf(FORMATS))
    for_import = fields.Boolean(required=True)
    filename = fields.String(required=True)
    size = fields.Integer(required=True, allow_none=True)
    progress = fields.Nested(ProgressSchema, required=True)
    problem = fields.Nested(ReasonSchema, required=True, allow_none=True)
    created_at = fields.String(required=True)
    finished_at = fields.String(required=True, allow_none=True)
    expires_at = fields.String(required=True, allow_none=True)
