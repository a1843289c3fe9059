"""Shapes that the document shows. Definitions and records are checked by the model, which points at each mistake, so
these schemas describe and do not judge.
"""

from __future__ import annotations

from marshmallow import INCLUDE, Schema, fields
from marshmallow.validate import OneOf, Range

from chassis.formulas import RESULTS
from chassis.http.paging import DEFAULT_LIMIT, MAX_LIMIT
from chassis.http.parsing import StrictSchema, Text

_LABEL = {"additionalProperties": {"type": "string"}, "example": {"en": "Region", "zh-CN": "区域"}}


class FunctionSchema(Schema):
    """A function that formulas can call."""

    name = fields.String(required=True)
    group = fields.String(required=True)
    signature = fields.String(required=True)
    about = fields.Dict(required=True, metadata=_LABEL)
    example = fields.String(required=True)
    gives = fields.String(required=True)


class FunctionsSchema(Schema):
    """All functions, on one page."""

    items = fields.List(fields.Nested(FunctionSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class FormulaDraftSchema(Schema):
    """A formula that is being written; `field` when it is that of an existing field."""

    expression = fields.String(required=True)
    result = fields.String(validate=OneOf(RESULTS))
    options = fields.Dict()
    field = fields.String()
    record_id = fields.String()


class FormulaMistakeSchema(Schema):
    """What is wrong with a formula, and where in its text."""

    code = fields.String(required=True)
    detail = fields.String(required=True)
    pointer = fields.String()
    start = fields.Integer()
    end = fields.Integer()
    line = fields.Integer()
    column = fields.Integer()
    suggestion = fields.String(allow_none=True)


class FormulaCheckSchema(Schema):
    """Whether a formula is good, what it reads, and its value for a record."""

    valid = fields.Boolean(required=True)
    errors = fields.List(fields.Nested(FormulaMistakeSchema), required=True)
    reads = fields.List(fields.String(), required=True)
    volatile = fields.Boolean(required=True)
    preview = fields.Dict(required=True, allow_none=True)


class RecordSchema(Schema):
    """A record of any object; the paths of each object describe its own fields."""

    class Meta:
        unknown = INCLUDE

    id = fields.UUID(required=True)
    version = fields.Integer(required=True)


class RecordPageSchema(Schema):
    """A page of records."""

    items = fields.List(fields.Nested(RecordSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
    total = fields.Integer()
    total_is = fields.String(validate=OneOf(["exact", "at_least", "estimate"]))


class QuerySchema(Schema):
    """What a list shall hold."""

    criteria = fields.Dict(allow_none=True)
    sort = fields.List(fields.String(), allow_none=True)
    limit = fields.Integer(load_default=DEFAULT_LIMIT, validate=Range(1, MAX_LIMIT))
    cursor = fields.String(allow_none=True)
    total = fields.String(allow_none=True, validate=OneOf(["exact", "estimate"]))
    q = fields.String(allow_none=True)
    expand = fields.List(fields.String(validate=OneOf(["labels"])), allow_none=True)
    fields = fields.List(fields.String(), allow_none=True)


class OperationSchema(Schema):
    """One line of a batch."""

    action = fields.String(required=True, validate=OneOf(["create", "update", "delete"]))
    id = fields.String()
    version = fields.Integer(allow_none=True)
    values = fields.Dict()


class BatchSchema(Schema):
    """Up to 500 operations; `without_rules`: no rule acts on what they write."""

    operations = fields.List(fields.Nested(OperationSchema), required=True)
    atomic = fields.Boolean()
    without_rules = fields.Boolean()


class BatchResultSchema(Schema):
    """What became of one operation."""

    status = fields.Integer(required=True)
    record = fields.Dict()
    problem = fields.Dict()


class BatchResultsSchema(Schema):
    """The results in the order of the operations."""

    results = fields.List(fields.Nested(BatchResultSchema), required=True)


class TimelineEntrySchema(Schema):
    """One line of a timeline."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=OneOf(["change", "run", "message", "task", "share", "related"]))
    at = fields.String(required=True)
    by = fields.Dict(required=True, allow_none=True)
    action = fields.String(required=True)
    origin = fields.Dict(required=True, allow_none=True)
    changes = fields.List(fields.Dict(), required=True)
    text = fields.String(required=True, allow_none=True)
    record = fields.Dict(metadata={"description": "the record that refers to this one, of kind `related`"})


class TimelineSchema(Schema):
    """A page of a timeline, newest first."""

    items = fields.List(fields.Nested(TimelineEntrySchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class ConversionSchema(Schema):
    """Values for what is made, what is left out, the key of the conversion unless it is the object's own, and whether
    the surest match is used instead of a new record."""

    values = fields.Dict(keys=fields.String(), values=fields.Dict())
    skip = fields.List(fields.String())
    conversion = fields.String(allow_none=True)
    existing = fields.String(validate=OneOf(["create", "link"]))


class ConvertedSchema(Schema):
    """Object → id of what was made or used, and the source afterwards."""

    created = fields.Dict(keys=fields.String(), values=fields.UUID(), required=True)
    record = fields.Nested(RecordSchema, required=True)


class CandidateSchema(Schema):
    """Values of a record that somebody is about to write."""

    values = fields.Dict(required=True)


class LikenessSchema(Schema):
    """What was found in one field; `for` says whether it speaks for one and the same."""

    field = fields.String(required=True)
    reason = fields.String(required=True)
    alike = fields.Integer(required=True)
    text = fields.String(required=True)


class DuplicateSchema(Schema):
    """A record that matches: the fields of rules that are equal, and how alike it is, from 0 to 1."""

    id = fields.UUID(required=True)
    title = fields.String(required=True)
    matched = fields.List(fields.String(), required=True)
    score = fields.Float(required=True, allow_none=True)
    reasons = fields.List(fields.Nested(LikenessSchema), required=True)


class PersonSchema(Schema):
    """A colleague."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)


class OthersSchema(Schema):
    """Whose records match that the caller may not see; nobody when that is not told, or nobody has them."""

    owners = fields.List(fields.Nested(PersonSchema), required=True)


class DuplicatesSchema(Schema):
    """Records that match, at most 20."""

    items = fields.List(fields.Nested(DuplicateSchema), required=True)
    others = fields.Nested(OthersSchema, required=True, allow_none=True)


class UploadQuery(StrictSchema):
    """What a file is for."""

    object = Text(required=True, min=1, max=63)
    field = Text(required=True, min=1, max=63)
    name = Text(required=True, min=1, max=500)


class FileQuery(StrictSchema):
    """How a file is shown."""

    inline = fields.Boolean(load_default=False)


class FileSchema(Schema):
    """A file that was sent; its id goes into the record."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    size = fields.Integer(required=True)
    type = fields.String(required=True)


class ExportSchema(Schema):
    """What is taken out, and as what kind of file; `for_import` is for who means to edit it and bring it back."""

    for_import = fields.Boolean()
    criteria = fields.Dict(allow_none=True)
    sort = fields.List(fields.String(), allow_none=True)
    q = fields.String(allow_none=True)
    format = fields.String(required=True, validate=OneOf(["csv", "xlsx"]))
    fields = fields.List(fields.String(), allow_none=True)
