"""Shapes of bulk jobs in the document; requests are judged by the use cases."""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from chassis.http.openapi import PageQuery, page_of
from chassis.http.parsing import Text
from services.customer.usecases.bulk.start import ACTIONS
from services.customer.usecases.bulk.states import STATES


class NewBulkSchema(Schema):
    """What shall be done with all records of an object that match."""

    object = fields.String(required=True)
    action = fields.String(required=True, validate=OneOf(ACTIONS))
    values = fields.Dict(allow_none=True, metadata={"description": "of `tag`: `{add: [tags], remove: [tags]}`"})
    criteria = fields.Dict(allow_none=True)
    q = fields.String(allow_none=True)


class BulkProgressSchema(Schema):
    """How far a job has come, in records."""

    done = fields.Integer(required=True)
    total = fields.Integer(required=True)


class BulkCountsSchema(Schema):
    """What became of the records so far."""

    changed = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    refused = fields.Integer(required=True)


class BulkUndoSchema(Schema):
    """What an undoing has given back, and what it left alone."""

    restored = fields.Integer(required=True)
    kept = fields.Integer(required=True)


class BulkProblemSchema(Schema):
    """Why a job failed."""

    code = fields.String(required=True)
    title = fields.String(required=True)
    detail = fields.String(required=True)


class BulkSchema(Schema):
    """One bulk job."""

    id = fields.UUID(required=True)
    object = fields.String(required=True)
    action = fields.String(required=True, validate=OneOf(ACTIONS))
    state = fields.String(required=True, validate=OneOf(STATES))
    values = fields.Dict(required=True, allow_none=True)
    criteria = fields.Dict(required=True, allow_none=True)
    q = fields.String(required=True, allow_none=True)
    started_by = fields.UUID(required=True, allow_none=True)
    progress = fields.Nested(BulkProgressSchema, required=True)
    counts = fields.Nested(BulkCountsSchema, required=True)
    undo = fields.Nested(BulkUndoSchema, required=True, allow_none=True)
    can_undo = fields.Boolean(required=True)
    can_cancel = fields.Boolean(required=True)
    problem = fields.Nested(BulkProblemSchema, required=True, allow_none=True)
    created_at = fields.DateTime(required=True)
    finished_at = fields.DateTime(required=True, allow_none=True)


class RefusedSchema(Schema):
    """A record that was refused, or left alone, with the reason."""

    id = fields.UUID(required=True)
    title = fields.String(required=True, allow_none=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)


RefusedPageSchema = page_of(RefusedSchema)


class BulkQuery(PageQuery):
    """Which jobs."""

    object = Text(max=63, load_default=None)
