"""Shapes of questions, of answers and of dashboards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema
from marshmallow.validate import Length, OneOf, Range, Regexp

from chassis.http.parsing import LocalText, StrictSchema, Text
from services.report.model.measures import BASE, OPS, SIMPLE_OPS
from services.report.model.periods import BUCKETS, COMPARISONS, PERIODS
from services.report.model.questions import MAX_DIMENSIONS, MAX_GROUPS, MAX_MEASURES
from services.report.queries.export.board import MEDIA_TYPES

KINDS = ("kpi", "gauge", "bar", "line", "pie", "funnel", "table", "pivot")
VISIBILITIES = ("private", "roles", "everybody")
MAX_WIDGETS = 24
_SIDES = 2
_KEY = re.compile(r"[a-z0-9][a-z0-9_.-]*\Z", re.ASCII)


class Flag(fields.Boolean):
    """JSON's own true and false."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("wrong_type")
        return value


class Whole(fields.Integer):
    """A whole number, as a JSON number."""

    def __init__(self, low: int, high: int, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=Range(low, high), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if type(value) is not int:
            raise ValidationError("wrong_type")
        return super()._deserialize(value, attr, data, **kwargs)


def key_field(**kwargs: Any) -> Text:
    """A key by which packs and widgets are known."""
    return Text(max=100, min=1, validate=Regexp(_KEY, error="not_a_key"), **kwargs)


def criteria_field(**kwargs: Any) -> fields.Dict:
    """A condition on records; its own language is read later, against what the caller may see."""
    return fields.Dict(allow_none=True, metadata={"description": "A condition; see the criteria reference"}, **kwargs)


class TermSchema(StrictSchema):
    """A number of the records that meet the criteria: how many there are, or something about a field."""

    op = fields.String(required=True, validate=OneOf(SIMPLE_OPS))
    field = Text(max=200, min=1)
    criteria = criteria_field()
    currency = fields.String(validate=OneOf((BASE,)), metadata={"description": "Amounts in the base currency"})


class MeasureSchema(TermSchema):
    """A number per group. A rate is how many meet the criteria, or one number of another; `running` adds up over the
    periods; `compare` also tells the period before, or the same one last year."""

    op = fields.String(required=True, validate=OneOf(OPS))
    part = fields.Nested(TermSchema)
    whole = fields.Nested(TermSchema)
    running = Flag(load_default=False)
    compare = fields.String(validate=OneOf(COMPARISONS))
    label = LocalText()


class PeriodSchema(StrictSchema):
    """A stretch of time that a date or moment lies in; comparisons move it."""

    field = Text(max=200, min=1, required=True)
    is_ = fields.String(data_key="is", attribute="is", required=True, validate=OneOf(PERIODS))


class DimensionSchema(StrictSchema):
    """What groups are made by; `empty` also shows choices that no record has."""

    field = Text(max=200, min=1, required=True)
    bucket = fields.String(validate=OneOf(BUCKETS))
    empty = Flag(load_default=False)


class SortSchema(StrictSchema):
    """A measure or a dimension, by its place in the query."""

    measure = Whole(0, MAX_MEASURES - 1)
    dimension = Whole(0, MAX_DIMENSIONS - 1)
    dir = fields.String(load_default="asc", validate=OneOf(("asc", "desc")))


class QuerySchema(StrictSchema):
    """A question: measures by dimensions over the records of one object that meet a criterion."""

    object = Text(max=63, min=1, required=True)
    measures = fields.List(fields.Nested(MeasureSchema), load_default=lambda: [{"op": "count"}],
                           validate=Length(1, MAX_MEASURES))
    dimensions = fields.List(fields.Nested(DimensionSchema), load_default=list, validate=Length(max=MAX_DIMENSIONS))
    criteria = criteria_field(load_default=None)
    period = fields.Nested(PeriodSchema)
    limit = Whole(1, MAX_GROUPS, load_default=200)
    sort = fields.List(fields.Nested(SortSchema), load_default=list, validate=Length(max=5))


class Key(fields.Raw):
    """What an answer has as the key of a group: a text, a truth or nothing."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str | bool):
            raise ValidationError("wrong_type")
        return value if isinstance(value, bool) else Text(max=1000).deserialize(value)


class DrillSchema(StrictSchema):
    """A cell of an answer: the question, the keys of the row, and the column when it is one of a measure."""

    query = fields.Nested(QuerySchema, required=True)
    keys = fields.List(Key(allow_none=True), load_default=list, validate=Length(max=MAX_DIMENSIONS))
    measure = Whole(0, MAX_MEASURES - 1)
    currency = Text(max=3, min=3, allow_none=True)


class CellSchema(Schema):
    """The records behind a cell: those of the object that meet the criteria."""

    object = fields.String(required=True)
    criteria = fields.Dict(required=True)


class FunnelSchema(StrictSchema):
    """A funnel over a choice field; `stages` picks some of its choices and their order."""

    object = Text(max=63, min=1, required=True)
    field = Text(max=100, min=1, required=True)
    stages = fields.List(Text(max=100, min=1), load_default=list, validate=Length(max=100))
    criteria = criteria_field(load_default=None)
    cumulative = Flag(load_default=False)


class ColumnSchema(Schema):
    """What stands in one place of a row's keys or values."""

    kind = fields.String(required=True)
    label = fields.String(required=True)
    type = fields.String(required=True)
    field = fields.String(required=True, allow_none=True)
    bucket = fields.String(allow_none=True)
    measure = fields.Integer()
    op = fields.String()
    currency = fields.String(allow_none=True)
    running = fields.Boolean()
    compare = fields.String()


class RowSchema(Schema):
    """One group; where periods are compared with what was `before`, by which part that is `change`d (a rate: by how
    many points), and whether the period is `unfinished`: then `before` is what it was after as long a time."""

    keys = fields.List(fields.Raw(allow_none=True), required=True)
    labels = fields.List(fields.String(), required=True)
    values = fields.List(fields.String(allow_none=True), required=True)
    before = fields.List(fields.String(allow_none=True))
    change = fields.List(fields.String(allow_none=True))
    unfinished = fields.Boolean()


class AnswerSchema(Schema):
    """The answer to a query; `as_of` is when the newest event it knows of happened."""

    columns = fields.List(fields.Nested(ColumnSchema), required=True)
    rows = fields.List(fields.Nested(RowSchema), required=True)
    as_of = fields.String(required=True, allow_none=True)
    truncated = fields.Boolean(required=True)


class StageSchema(Schema):
    """One stage; `share` is of the first stage, `conversion` of the stage before."""

    key = fields.String(required=True)
    label = fields.String(required=True)
    count = fields.Integer(required=True)
    share = fields.String(required=True, allow_none=True)
    conversion = fields.String(required=True, allow_none=True)


class FunnelAnswerSchema(Schema):
    """The stages of a funnel in their order."""

    field = fields.String(required=True)
    label = fields.String(required=True)
    cumulative = fields.Boolean(required=True)
    stages = fields.List(fields.Nested(StageSchema), required=True)
    total = fields.Integer(required=True)
    as_of = fields.String(required=True, allow_none=True)


class PlaceSchema(StrictSchema):
    """Where a widget stands on a grid of 12 columns, and how large it is."""

    x = Whole(0, 11, required=True)
    y = Whole(0, 200, required=True)
    w = Whole(1, 12, required=True)
    h = Whole(1, 24, required=True)


class WidgetSchema(StrictSchema):
    """One part of a dashboard; `query` is a funnel's when `kind` is funnel."""

    key = key_field(required=True)
    kind = fields.String(required=True, validate=OneOf(KINDS))
    title = LocalText(required=True)
    query = fields.Dict(required=True)
    layout = fields.Nested(PlaceSchema, required=True)
    options = fields.Dict(metadata={"description": "How it is drawn; kept as it is, at most 4,000 characters"})

    @validates_schema(skip_on_field_errors=True)
    def _check_query(self, data: dict[str, Any], **_: Any) -> None:
        wrong = query_schema(data["kind"]).validate(data["query"])
        if wrong:
            raise ValidationError({"query": wrong})
        if data["kind"] == "pivot" and len(data["query"].get("dimensions", ())) < _SIDES:
            raise ValidationError({"query": {"dimensions": ["two_groups_needed"]}})
        if len(str(data.get("options", ""))) > 4000:
            raise ValidationError({"options": ["too_long"]})


def query_schema(kind: str) -> Schema:
    """The shape of the question of a kind of widget."""
    return FunnelSchema() if kind == "funnel" else QuerySchema()


def asked_by(board: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """The widgets of a dashboard, each with its question read."""
    return [(widget, query_schema(widget["kind"]).load(widget["query"])) for widget in board["widgets"]]


def widgets_field(**kwargs: Any) -> fields.List:
    """The widgets of a dashboard."""
    return fields.List(fields.Nested(WidgetSchema), validate=[Length(max=MAX_WIDGETS), _each_once], **kwargs)


def _each_once(widgets: list[dict[str, Any]]) -> None:
    keys = [widget["key"] for widget in widgets]
    if len(set(keys)) < len(keys):
        raise ValidationError("said_twice")


class DashboardBody(StrictSchema):
    """A dashboard: widgets on a grid, seen by its owner, by some roles or by everybody."""

    key = key_field(load_default=None, allow_none=True)
    name = LocalText(required=True)
    description = LocalText(load_default=None, allow_none=True, max=500)
    visibility = fields.String(load_default="private", validate=OneOf(VISIBILITIES))
    role_keys = fields.List(key_field(), load_default=list, validate=Length(max=50))
    position = Whole(0, 1_000_000, load_default=100)
    widgets = widgets_field(required=True)


class DashboardChanges(StrictSchema):
    """The members of a dashboard that are to change."""

    key = key_field(allow_none=True)
    name = LocalText()
    description = LocalText(allow_none=True, max=500)
    visibility = fields.String(validate=OneOf(VISIBILITIES))
    role_keys = fields.List(key_field(), validate=Length(max=50))
    position = Whole(0, 1_000_000)
    widgets = widgets_field()


class FileQuery(StrictSchema):
    """Which file is wanted: a workbook of the whole board, or one widget."""

    format = fields.String(load_default="xlsx", validate=OneOf(tuple(MEDIA_TYPES)))
    widget = key_field()


class DashboardSchema(Schema):
    """A dashboard as it stands; `editable` tells whether the caller may change it."""

    id = fields.String(required=True)
    key = fields.String(required=True, allow_none=True)
    name = fields.Dict(required=True)
    description = fields.Dict(required=True, allow_none=True)
    visibility = fields.String(required=True)
    role_keys = fields.List(fields.String(), required=True)
    owner_id = fields.String(required=True, allow_none=True)
    position = fields.Integer(required=True)
    widgets = fields.List(fields.Dict(), required=True)
    version = fields.Integer(required=True)
    editable = fields.Boolean(required=True)
    created_at = fields.String(required=True)
    updated_at = fields.String(required=True)


class WidgetDataSchema(Schema):
    """The answer of one widget, or the problem that stands in its way."""

    key = fields.String(required=True)
    kind = fields.String(required=True)
    data = fields.Dict()
    error = fields.Dict()


class DashboardDataSchema(Schema):
    """Every widget's answer, all from one snapshot."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    as_of = fields.String(required=True, allow_none=True)
    widgets = fields.List(fields.Nested(WidgetDataSchema), required=True)
