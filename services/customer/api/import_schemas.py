"""Shapes of imports in the document; requests are judged by the use cases, which point at each mistake."""

from __future__ import annotations

from flask_smorest.fields import Upload
from marshmallow import Schema, fields
from marshmallow.validate import OneOf, Range

from chassis.http.openapi import PageQuery
from chassis.http.parsing import StrictSchema, Text
from services.customer.model.mapping.rules import DUPLICATES
from services.customer.usecases.imports.states import STATES

FORMATS = ("xlsx", "csv")


class UploadSchema(Schema):
    """A file and the object that its rows are to become."""

    file = Upload(required=True, metadata={"description": "XLSX, XLS, ODS or CSV"})
    object = fields.String(required=True)


class UploadWishSchema(Schema):
    """A sheet that shall come in pieces."""

    object = fields.String(required=True)
    filename = fields.String(required=True)
    size = fields.Integer(required=True)


class LargeUploadSchema(UploadWishSchema):
    """An upload in pieces; the next one begins at `received`."""

    id = fields.String(required=True)
    received = fields.Integer(required=True)
    piece = fields.Integer(required=True)
    import_id = fields.String(required=True, allow_none=True)
    expires_at = fields.String(required=True)


class PieceQuery(StrictSchema):
    """Where a piece begins."""

    offset = fields.Integer(required=True, validate=Range(min=0, max=2**50))


class ColumnSchema(Schema):
    """One column of a sheet."""

    index = fields.Integer(required=True)
    header = fields.String(required=True)
    samples = fields.List(fields.String(), required=True)
    suggestion = fields.String(required=True, allow_none=True)


class ProgressSchema(Schema):
    """How far a pass has come, in rows."""

    done = fields.Integer(required=True)
    total = fields.Integer(required=True)


class SummarySchema(Schema):
    """What became, or would become, of the rows done."""

    rows = fields.Integer(required=True)
    create = fields.Integer(required=True)
    update = fields.Integer(required=True)
    skip = fields.Integer(required=True)
    failed = fields.Integer(required=True)
    empty = fields.Integer(required=True)


class ReasonSchema(Schema):
    """Why an import failed."""

    code = fields.String(required=True)
    title = fields.String(required=True)
    detail = fields.String(required=True)


class CellErrorSchema(Schema):
    """One thing that is wrong with a row."""

    column = fields.String(required=True, allow_none=True)
    field = fields.String(required=True, allow_none=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)


class RowErrorsSchema(Schema):
    """A row of the sheet and all that is wrong with it."""

    row = fields.Integer(required=True)
    errors = fields.List(fields.Nested(CellErrorSchema), required=True)


class PreviewSchema(Schema):
    """What a dry run says of one of the first rows."""

    row = fields.Integer(required=True)
    action = fields.String(required=True, validate=OneOf(["create", "update", "skip", "failed"]))
    values = fields.Dict(required=True)
    labels = fields.Dict(keys=fields.String(), values=fields.String())
    errors = fields.List(fields.Nested(CellErrorSchema))


class UndoSchema(Schema):
    """What undoing an import has done."""

    deleted = fields.Integer(required=True)
    restored = fields.Integer(required=True)
    kept = fields.Integer(required=True)


class KeptSchema(Schema):
    """A record that undoing has left alone."""

    row = fields.Integer(required=True)
    object = fields.String(required=True)
    id = fields.String(required=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)


class ImportBriefSchema(Schema):
    """An import in a list."""

    id = fields.String(required=True)
    object = fields.String(required=True)
    state = fields.String(required=True, validate=OneOf(STATES))
    filename = fields.String(required=True)
    sheet = fields.String(required=True, allow_none=True)
    row_count = fields.Integer(required=True)
    empty_rows = fields.Integer(required=True)
    duplicates = fields.String(required=True, validate=OneOf(DUPLICATES))
    match_by = fields.List(fields.String(), required=True, allow_none=True)
    key = fields.String(required=True, allow_none=True)
    run_rules = fields.Boolean(required=True)
    look_alike = fields.Boolean(required=True)
    pool_id = fields.String(required=True, allow_none=True)
    started_by = fields.String(required=True, allow_none=True)
    progress = fields.Nested(ProgressSchema, required=True)
    summary = fields.Nested(SummarySchema, required=True, allow_none=True)
    undo = fields.Nested(UndoSchema, required=True, allow_none=True)
    can_undo = fields.Boolean(required=True)
    problem = fields.Nested(ReasonSchema, required=True, allow_none=True)
    files_removed = fields.Boolean(required=True)
    created_at = fields.String(required=True)
    started_at = fields.String(required=True, allow_none=True)
    finished_at = fields.String(required=True, allow_none=True)


class RelatedSchema(Schema):
    """An object whose records a row may bring along, as targets `object.field`; `link` follows by itself."""

    object = fields.String(required=True)
    link = fields.String(required=True)


class ImportSchema(ImportBriefSchema):
    """An import with its columns, mapping and preview."""

    columns = fields.List(fields.Nested(ColumnSchema), required=True)
    mapping = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    preview = fields.List(fields.Nested(PreviewSchema), required=True)
    header_row = fields.Integer(required=True)
    search_waiting = fields.Integer(required=True)
    related = fields.List(fields.Nested(RelatedSchema), required=True)
    keys = fields.List(fields.String(), required=True)


class ImportChangeSchema(Schema):
    """What columns mean, what happens to rows that are there already, whether rules act on the records, and whether
    what is merely alike is looked for afterwards."""

    mapping = fields.Dict(keys=fields.String(), values=fields.String(allow_none=True))
    duplicates = fields.String(validate=OneOf(DUPLICATES))
    match_by = fields.List(fields.String(), allow_none=True)
    key = fields.String(allow_none=True)
    run_rules = fields.Boolean()
    look_alike = fields.Boolean()
    pool_id = fields.String(allow_none=True)


class ImportsQuery(PageQuery):
    """Filters of the list."""

    object = Text(max=63, load_default=None)
    state = fields.String(load_default=None, validate=OneOf(STATES))


class TemplateQuery(StrictSchema):
    """Which template."""

    object = Text(required=True, max=63, min=1)
    format = fields.String(load_default="xlsx", validate=OneOf(FORMATS))
