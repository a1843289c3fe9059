"""`/v1/records/{object}/{id}/stages`: what is to do in the stages of a record, and ticking it off."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from chassis.auth.guard import current_principal
from chassis.http.current import current_service, json_answer
from chassis.http.openapi import ServiceBlueprint
from chassis.http.writes import writes
from services.customer.api import reading
from services.customer.api.documents import described
from services.customer.model.faults import Fault
from services.customer.queries.stage_work import stage_work
from services.customer.usecases.access import Access
from services.customer.usecases.refusals import refusal
from services.customer.usecases.stages.ticking import tick_check

stages = ServiceBlueprint("stages", __name__, url_prefix="/v1", description="Work in the stages of records")
_LABEL = {"additionalProperties": {"type": "string"}, "example": {"en": "Budget confirmed", "zh-CN": "预算已确认"}}


class StagePersonSchema(Schema):
    """Who does a key task, or ticked a point."""

    id = fields.String(required=True, allow_none=True)
    name = fields.String(required=True)


class KeyTaskSchema(Schema):
    """A key task; its id is that of the task at the workflow service."""

    id = fields.String(required=True)
    title = fields.Dict(required=True, metadata=_LABEL)
    due_at = fields.String(required=True, allow_none=True)
    state = fields.String(required=True, validate=OneOf(["waiting", "open", "done"]))
    assignee = fields.Nested(StagePersonSchema, required=True, allow_none=True)


class CheckSchema(Schema):
    """A point of a check list, and who ticked it when."""

    key = fields.String(required=True)
    label = fields.Dict(required=True, metadata=_LABEL)
    ticked = fields.Boolean(required=True)
    at = fields.String(required=True, allow_none=True)
    by = fields.Nested(StagePersonSchema, required=True, allow_none=True)


class StageWorkSchema(Schema):
    """The stage of one pipeline; `complete` names what must be done before the record moves on."""

    field = fields.String(required=True)
    stage = fields.String(required=True)
    complete = fields.List(fields.String(), required=True)
    tasks = fields.List(fields.Nested(KeyTaskSchema), required=True)
    checks = fields.List(fields.Nested(CheckSchema), required=True)


class StageWorksSchema(Schema):
    """The stages of a record that have something to do."""

    items = fields.List(fields.Nested(StageWorkSchema), required=True)


class TickSchema(Schema):
    """A tick, and the stage that whoever sets it has seen."""

    stage = fields.String(required=True)
    ticked = fields.Boolean(required=True)


@stages.route("/records/<object>/<id>/stages")
@stages.response(200, StageWorksSchema)
def show(object: str, id: str) -> Response:
    """Return the key tasks and the check lists of the stages in which a record stands."""
    return json_answer(stage_work(current_service(), current_principal(), reading.record_type_of(object), id))


@stages.route("/records/<object>/<id>/stages/<field>/checks/<key>", methods=["PUT"])
@stages.doc(**described(TickSchema))
@reading.body_first
@writes
@stages.response(200, TickSchema)
def tick(object: str, id: str, field: str, key: str, uow: Any) -> Response:
    """Tick a point of the check list, or take the tick back."""
    given = reading.only(reading.body(), "stage", "ticked")
    principal, record_type = current_principal(), reading.record_type_of(object)
    Access(principal, record_type).need("update")
    stage, ticked = given.get("stage"), given.get("ticked")
    faults = [Fault("/stage", "not_text")] if not isinstance(stage, str) else []
    faults += [Fault("/ticked", "not_boolean")] if not isinstance(ticked, bool) else []
    if faults:
        raise refusal(faults)
    tick_check(current_service(), uow, principal, record_type, id, field, key, stage=stage, ticked=ticked)
    return json_answer({"stage": stage, "ticked": ticked})
