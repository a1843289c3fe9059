"""Shapes of analyses and of what they say."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields
from marshmallow.validate import Length, OneOf, Range

from chassis.http.openapi import PageQuery
from chassis.http.parsing import LocalText, StrictSchema, Text, faults_of
from chassis.http.problem import invalid
from services.report.api.schemas import Flag, Whole, criteria_field, key_field
from services.report.model.analysis.mapping import BASKET, FORECAST, KINDS, VALUE, WIN
from services.report.model.cadence import EVERY
from services.report.queries.analysis.scores import ORDERS

MAX_FEATURES = 20


def _object(**kwargs: Any) -> Text:
    return Text(max=63, min=1, **kwargs)


def _field(**kwargs: Any) -> Text:
    return Text(max=200, min=1, **kwargs)


def _choices() -> fields.List:
    return fields.List(Text(max=100, min=1), required=True, validate=Length(1, 20))


class ValueMappingSchema(StrictSchema):
    """`object` are the customers, `orders` what they buy: with the customer, the day and the amount."""

    object = _object(required=True)
    orders = _object(required=True)
    customer = _field(required=True)
    date = _field(required=True)
    amount = _field(load_default=None, allow_none=True)
    criteria = criteria_field(load_default=None)
    months = Whole(1, 60, load_default=12)


class WinMappingSchema(StrictSchema):
    """`object` are the deals; `stage` tells which are won and lost, `date` when they ended; `fields` may matter."""

    object = _object(required=True)
    stage = _field(required=True)
    won = _choices()
    lost = _choices()
    date = _field(required=True)
    amount = _field(load_default=None, allow_none=True)
    fields_ = fields.List(_field(), data_key="fields", attribute="fields", required=True,
                          validate=Length(1, MAX_FEATURES))
    criteria = criteria_field(load_default=None)


class ForecastMappingSchema(StrictSchema):
    """What is foretold by month: the amounts, or the number, of records with a date."""

    object = _object(required=True)
    date = _field(required=True)
    amount = _field(load_default=None, allow_none=True)
    criteria = criteria_field(load_default=None)
    months = Whole(1, 12, load_default=6)


class BasketMappingSchema(StrictSchema):
    """Lines: the basket that each lies in (an order), and the item."""

    object = _object(required=True)
    basket = _field(required=True)
    item = _field(required=True)
    criteria = criteria_field(load_default=None)


_MAPPINGS: dict[str, type[StrictSchema]] = {VALUE: ValueMappingSchema, WIN: WinMappingSchema,
                                            FORECAST: ForecastMappingSchema, BASKET: BasketMappingSchema}


def read_mapping(kind: str, given: Any) -> dict[str, Any]:
    """The mapping of a kind, without what it leaves open; raises 422 with the places inside it."""
    try:
        read = _MAPPINGS[kind]().load(given)
    except ValidationError as error:
        raise invalid(*faults_of(error, "/mapping")) from error
    return {name: value for name, value in read.items() if value is not None}


class AnalysisBody(StrictSchema):
    """An analysis: its kind, what it looks at, and how often it is trained."""

    key = key_field(load_default=None, allow_none=True)
    name = LocalText(required=True)
    kind = fields.String(required=True, validate=OneOf(KINDS))
    mapping = fields.Dict(required=True)
    every = fields.String(load_default="day", validate=OneOf(EVERY))
    enabled = Flag(load_default=True)
    position = Whole(0, 1_000_000, load_default=100)

class AnalysisChanges(StrictSchema):
    """The members of an analysis that are to change; the kind stays."""

    key = key_field(allow_none=True)
    name = LocalText()
    mapping = fields.Dict()
    every = fields.String(validate=OneOf(EVERY))
    enabled = Flag()
    position = Whole(0, 1_000_000)


class ModelSchema(Schema):
    """The version that answers; the card is for who may see all records that it was learned from."""

    number = fields.Integer(required=True)
    state = fields.String(required=True)
    trained_at = fields.String(required=True)
    seconds = fields.Float(required=True)
    scored = fields.Integer(required=True, allow_none=True)
    card = fields.Dict(required=True, allow_none=True)
    parameters = fields.Dict(required=True, allow_none=True)
    currency = fields.String(required=True, allow_none=True)
    months = fields.Integer(required=True, allow_none=True)
    words = fields.List(fields.String(), required=True)
    problems = fields.List(fields.Dict(), required=True)


class AnalysisSchema(Schema):
    """An analysis as it stands."""

    id = fields.String(required=True)
    key = fields.String(required=True, allow_none=True)
    name = fields.Dict(required=True)
    kind = fields.String(required=True)
    mapping = fields.Dict(required=True)
    every = fields.String(required=True)
    enabled = fields.Boolean(required=True)
    position = fields.Integer(required=True)
    next_at = fields.String(required=True)
    version = fields.Integer(required=True)
    editable = fields.Boolean(required=True)
    readable = fields.Boolean(required=True)
    model = fields.Nested(ModelSchema, required=True, allow_none=True)


class TrainingSchema(Schema):
    """The training that was started, or that was under way already."""

    job_id = fields.String(required=True)


class ScoreQuery(PageQuery):
    """Which scores, in which order."""

    sort = fields.String(load_default="-amount", validate=OneOf(tuple(ORDERS)))
    mine = fields.Boolean(load_default=False)
    least = fields.Float(validate=Range(0, 1))
    most = fields.Float(validate=Range(0, 1))


class ScoreSchema(Schema):
    """What is said about one record."""

    id = fields.String(required=True)
    title = fields.String(required=True, allow_none=True)
    owner_id = fields.String(required=True, allow_none=True)
    chance = fields.Float(required=True, allow_none=True)
    amount = fields.Float(required=True, allow_none=True)
    due_on = fields.String(required=True, allow_none=True)
    words = fields.List(fields.String(), required=True)


class ResultSchema(Schema):
    """What is foretold, by month or by pair, with words beside it."""

    words = fields.List(fields.String(), required=True)
    currency = fields.String(allow_none=True)
    past = fields.List(fields.Dict())
    months = fields.List(fields.Dict())
    check = fields.List(fields.Dict())
    baskets = fields.Integer()
    pairs = fields.List(fields.Dict())


class RecordScoreSchema(Schema):
    """One analysis and what it says."""

    analysis = fields.Nested(AnalysisSchema, required=True)
    score = fields.Nested(ScoreSchema, required=True)


class RecordScoresSchema(Schema):
    """All that is said about a record."""

    items = fields.List(fields.Nested(RecordScoreSchema), required=True)
