"""Shapes of objects and fields that the document shows. Definitions are checked by the model, which points at each
mistake, so these schemas describe and do not judge.
"""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from chassis.http.parsing import StrictSchema
from services.customer.model.type_change import TARGETS
from services.customer.model.types import FIELD_TYPES

_LABEL = {"additionalProperties": {"type": "string"}, "example": {"en": "Region", "zh-CN": "区域"}}


class FieldSchema(Schema):
    """One field of an object."""

    name = fields.String(required=True)
    type = fields.String(required=True, validate=OneOf(list(FIELD_TYPES)))
    label = fields.Dict(required=True, metadata=_LABEL)
    help = fields.Dict(metadata=_LABEL)
    required = fields.Boolean()
    unique = fields.Boolean()
    indexed = fields.Boolean()
    default = fields.Raw(allow_none=True)
    position = fields.Integer()
    options = fields.Dict()
    message = fields.Dict(metadata=_LABEL)
    sensitive = fields.Boolean()
    personal = fields.Boolean(allow_none=True)


class FieldDraftSchema(FieldSchema):
    """A field to be made; without a name it gets one from its label."""

    name = fields.String(allow_none=True)


class FieldOrderSchema(Schema):
    """The names of all fields of an object, in the order that is wanted."""

    fields = fields.List(fields.String(), required=True)


class WaitingFieldSchema(Schema):
    """A field that does not take part in records yet."""

    name = fields.String(required=True)
    type = fields.String(required=True)
    label = fields.Dict(required=True, metadata=_LABEL)


class WaitingIndexSchema(Schema):
    """An index that is wanted and does not stand yet; `progress` in percent once it is being built."""

    name = fields.String(required=True)
    field = fields.String(required=True, allow_none=True)
    unique = fields.Boolean(required=True)
    progress = fields.Integer(required=True, allow_none=True)


class ConversionProgressSchema(Schema):
    """A field that gets another type: how many of its records are done, and how many values did not fit."""

    field = fields.String(required=True)
    type = fields.String(required=True)
    done = fields.Integer(required=True)
    total = fields.Integer(required=True, allow_none=True)
    unfit = fields.Integer(required=True)


class SettlingSchema(Schema):
    """What is still being made of an object; `settled` when nothing is."""

    settled = fields.Boolean(required=True)
    indexes = fields.List(fields.Nested(WaitingIndexSchema), required=True)
    conversions = fields.List(fields.Nested(ConversionProgressSchema), required=True)
    fields = fields.List(fields.Nested(WaitingFieldSchema), required=True)


class ShownFieldSchema(FieldSchema):
    """A field with the caller's access to it."""

    access = fields.String(validate=OneOf(["none", "masked", "read", "write"]))


class NewFieldSchema(FieldSchema):
    """A field that was added; it takes part in records once it is `ready`."""

    state = fields.String(validate=OneOf(["adding", "ready", "converting"]))


class FieldChangeSchema(Schema):
    """Members of a field that shall change; name and type stay."""

    label = fields.Dict(metadata=_LABEL)
    help = fields.Dict(metadata=_LABEL)
    required = fields.Boolean()
    unique = fields.Boolean()
    indexed = fields.Boolean()
    default = fields.Raw(allow_none=True)
    position = fields.Integer()
    options = fields.Dict()
    message = fields.Dict(metadata=_LABEL)
    sensitive = fields.Boolean()
    personal = fields.Boolean(allow_none=True)


class DescriptionSchema(Schema):
    """How an object is shown, what makes duplicates, what it turns into."""

    label = fields.Dict(metadata=_LABEL)
    plural = fields.Dict(metadata=_LABEL)
    icon = fields.String()
    title_field = fields.String()
    position = fields.Integer()
    list_fields = fields.List(fields.String())
    form_sections = fields.List(fields.Dict())
    duplicate_rules = fields.List(fields.Dict())
    conversion = fields.Dict(allow_none=True)
    touches = fields.List(fields.Dict())
    planned_task = fields.Dict(allow_none=True)
    conversions = fields.List(fields.Dict())
    line_of = fields.Dict(allow_none=True)
    fills = fields.List(fields.Dict())
    limits = fields.List(fields.Dict())
    lock = fields.Dict(allow_none=True)
    group = fields.String(allow_none=True)


class NewObjectSchema(DescriptionSchema):
    """An object to be made."""

    name = fields.String(required=True)
    system = fields.Boolean()
    fields = fields.List(fields.Nested(FieldSchema), required=True)


class NewObjectsSchema(Schema):
    """Objects to be made together; at most a hundred."""

    objects = fields.List(fields.Nested(NewObjectSchema), required=True)


class ObjectSchema(DescriptionSchema):
    """An object."""

    name = fields.String(required=True)
    version = fields.Integer(required=True)
    system = fields.Boolean()
    fields = fields.List(fields.Nested(ShownFieldSchema), required=True)


class ObjectsSchema(Schema):
    """All objects that the caller may read."""

    items = fields.List(fields.Nested(ObjectSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class UseSchema(Schema):
    """A place that needs an object or a field; one that is `blocking` has to go first."""

    kind = fields.String(required=True, validate=OneOf([
        "title", "conversion", "touch", "planned_task", "description", "list", "form", "duplicates", "reference",
        "formula", "rollup", "layout", "sharing", "rule", "dashboard", "stage", "lock"]))
    object = fields.String(required=True, allow_none=True)
    field = fields.String(required=True, allow_none=True)
    id = fields.String(required=True, allow_none=True)
    name = fields.Dict(required=True, allow_none=True, metadata=_LABEL)
    blocking = fields.Boolean(required=True)


class UsesSchema(Schema):
    """What needs an object or a field, and the services that did not answer; `records` of an object, up to 10,000."""

    items = fields.List(fields.Nested(UseSchema), required=True)
    silent = fields.List(fields.String(), required=True)
    records = fields.Integer(required=True, allow_none=True)


class BinnedObjectSchema(Schema):
    """A deleted object."""

    name = fields.String(required=True)
    label = fields.Dict(required=True, metadata=_LABEL)
    icon = fields.String(required=True)
    deleted_at = fields.String(required=True)
    purged_at = fields.String(required=True)


class ObjectNamesSchema(Schema):
    """Names of objects; at most a hundred."""

    objects = fields.List(fields.String(), required=True)


class RestoreObjectQuery(StrictSchema):
    """How a deleted object comes back."""

    needed = fields.Boolean(load_default=False)


class ObjectBinSchema(Schema):
    """All deleted objects that can come back."""

    items = fields.List(fields.Nested(BinnedObjectSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class BinnedSchema(Schema):
    """A deleted field."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    type = fields.String(required=True)
    label = fields.Dict(required=True, metadata=_LABEL)
    deleted_at = fields.String(required=True)
    purged_at = fields.String(required=True)


class BinSchema(Schema):
    """All deleted fields of an object that can come back."""

    items = fields.List(fields.Nested(BinnedSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class RestoreSchema(Schema):
    """The name under which a field comes back; its own unless said. `replace`: in place of the present one."""

    name = fields.String(allow_none=True)
    replace = fields.Boolean()


class StageSchema(Schema):
    """What a choice means as a stage of a pipeline; conditions are criteria, `required` are names of fields.

    `complete` names what must be done before a record moves on: the key tasks, the check list, or both.
    """

    probability = fields.Integer()
    closed = fields.String(allow_none=True, validate=OneOf(["won", "lost"]))
    required = fields.List(fields.String())
    enter = fields.Dict(allow_none=True)
    exit = fields.Dict(allow_none=True)
    complete = fields.List(fields.String(validate=OneOf(["tasks", "checks"])))
    message = fields.Dict(metadata=_LABEL)
    tasks = fields.List(fields.Dict())
    checks = fields.List(fields.Dict())


class StageOfSchema(Schema):
    """A choice, by its value, and what it means; null: it is no stage."""

    value = fields.String(required=True)
    stage = fields.Nested(StageSchema, allow_none=True)


class StagesSchema(Schema):
    """Every choice of a field, in its order."""

    stages = fields.List(fields.Nested(StageOfSchema), required=True)


class TypeSchema(Schema):
    """Another type for a field."""

    type = fields.String(required=True, validate=OneOf(TARGETS))
    options = fields.Dict()


class UnfitSchema(Schema):
    """A value that would not fit, and why."""

    id = fields.UUID(required=True)
    title = fields.String(required=True, allow_none=True)
    value = fields.Raw(required=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)


class TypePreviewSchema(Schema):
    """How many values would fit another type, null for a field that the caller may not read; `complete` when all
    were looked at."""

    fits = fields.Integer(required=True, allow_none=True)
    unfit = fields.Integer(required=True, allow_none=True)
    complete = fields.Boolean(required=True)
    examples = fields.List(fields.Nested(UnfitSchema), required=True)


class IndexSchema(Schema):
    """An index; `lists` is one that follows the lists which people ask for."""

    name = fields.String(required=True)
    reason = fields.String(required=True, validate=OneOf(["system", "unique", "field", "lists"]))
    state = fields.String(required=True, validate=OneOf(["ready", "waiting", "leaving"]))
    equal = fields.List(fields.String(), required=True)
    scope = fields.String(required=True, allow_none=True)
    sort = fields.List(fields.String(), required=True)
    asked = fields.Integer(required=True, allow_none=True)
    last_asked_at = fields.String(required=True, allow_none=True)
    size = fields.Integer(required=True, allow_none=True)
    scans = fields.Integer(required=True, allow_none=True)


class IndexesSchema(Schema):
    """All indexes of an object."""

    items = fields.List(fields.Nested(IndexSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
