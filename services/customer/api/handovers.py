"""`/v1/handovers`: what a leaver or mover owns goes to others, or back to a pool."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields
from marshmallow.validate import OneOf
from sqlalchemy import Row, select

from chassis.auth.guard import current_principal, requires
from chassis.clock import to_wire
from chassis.http.current import current_service, json_answer
from chassis.http.meeting import meets
from chassis.http.openapi import PageQuery, ServiceBlueprint, page_of
from chassis.http.paging import list_page
from chassis.http.parsing import json_object
from chassis.http.writes import writes
from chassis.i18n import t
from services.customer.api import reading
from services.customer.api.documents import described
from services.customer.store.handovers import handover, handover_kept
from services.customer.usecases.handover.start import (
    STATES,
    can_undo,
    found_handover,
    start_handover,
    undo_handover,
    what_he_has,
)

handovers = ServiceBlueprint("handovers", __name__, url_prefix="/v1/handovers",
                             description="Handing over what somebody owns")


class HandoverStepSchema(Schema):
    """The records of one object: to people, who take turns, or back to a pool."""

    object = fields.String(required=True)
    people = fields.List(fields.UUID())
    pool_id = fields.UUID(allow_none=True)
    criteria = fields.Dict(allow_none=True)


class HandoverGivenSchema(Schema):
    """Whose records go to whom; the steps are carried out in their order."""

    person_id = fields.UUID(required=True)
    plan = fields.List(fields.Nested(HandoverStepSchema))
    tasks_to = fields.UUID(allow_none=True)
    tasks_with_records = fields.Boolean(load_default=True)


class HandoverSchema(HandoverGivenSchema):
    """A hand-over and how far it has come."""

    id = fields.UUID(required=True)
    person_name = fields.String(required=True, allow_none=True)
    state = fields.String(required=True, validate=OneOf(STATES))
    progress = fields.Dict(required=True)
    counts = fields.Dict(required=True)
    undo = fields.Dict(required=True, allow_none=True)
    can_undo = fields.Boolean(required=True)
    problem = fields.Dict(required=True, allow_none=True)
    started_by = fields.UUID(required=True, allow_none=True)
    created_at = fields.DateTime(required=True)
    finished_at = fields.DateTime(required=True, allow_none=True)


class HandoverCountSchema(Schema):
    """How many records of an object somebody owns."""

    object = fields.String(required=True)
    count = fields.Integer(required=True)


class WhatHeHasSchema(Schema):
    """What somebody has."""

    person_id = fields.UUID(required=True)
    objects = fields.List(fields.Nested(HandoverCountSchema), required=True)
    shares = fields.Integer(required=True)
    teams = fields.Integer(required=True)
    views = fields.Integer(required=True)
    tasks = fields.Integer(required=True)


class HandoverKeptSchema(Schema):
    """A record that undoing has left alone, with the reason."""

    object = fields.String(required=True)
    id = fields.UUID(required=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)


@handovers.route("/preview/<person_id>")
@requires("users.manage")
@handovers.response(200, WhatHeHasSchema)
def preview(person_id: str) -> Response:
    """Count what somebody has."""
    current_service().directory.meet([person_id])
    return json_answer(what_he_has(current_service(), person_id))


@handovers.route("")
@requires("users.manage")
@handovers.arguments(PageQuery, location="query")
@handovers.response(200, page_of(HandoverSchema))
def list_all(query: dict[str, Any]) -> Response:
    """List hand-overs, newest first."""
    with current_service().db.read() as connection:
        return json_answer(list_page(
            connection, select(handover), [(handover.c.created_at, True), (handover.c.id, True)],
            limit=query["limit"], cursor=query["cursor"], render=_shown))


@handovers.route("", methods=["POST"])
@requires("users.manage")
@handovers.doc(**described(HandoverGivenSchema))
@meets
@writes
@handovers.response(202, HandoverSchema)
def start(uow: Any) -> Response:
    """Begin a hand-over in the background."""
    given = reading.only(json_object(), "person_id", "plan", "tasks_to", "tasks_with_records")
    id = start_handover(current_service(), uow, current_principal(), given)
    return json_answer(_shown(found_handover(uow.connection, id)), 202)


@handovers.route("/<id>")
@requires("users.manage")
@handovers.response(200, HandoverSchema)
def get(id: str) -> Response:
    """Read how a hand-over stands."""
    with current_service().db.read() as connection:
        return json_answer(_shown(found_handover(connection, id)))


@handovers.route("/<id>/undo", methods=["POST"])
@requires("users.manage")
@writes
@handovers.response(202, HandoverSchema)
def undo(id: str, uow: Any) -> Response:
    """Give every record back to its former owner, unless somebody has changed it since."""
    undo_handover(current_service(), uow, current_principal(), id)
    return json_answer(_shown(found_handover(uow.connection, id)), 202)


@handovers.route("/<id>/kept")
@requires("users.manage")
@handovers.arguments(PageQuery, location="query")
@handovers.response(200, page_of(HandoverKeptSchema))
def list_kept(query: dict[str, Any], id: str) -> Response:
    """List the records that undoing has left alone, with the reasons."""
    locale = current_principal().locale
    with current_service().db.read() as connection:
        found_handover(connection, id)
        return json_answer(list_page(
            connection, select(handover_kept).where(handover_kept.c.handover_id == id),
            [(handover_kept.c.number, False)], limit=query["limit"], cursor=query["cursor"],
            render=lambda row: {"object": row.object, "id": row.record_id, "code": row.code,
                                "detail": t(f"error.{row.code}", locale)}))


def _shown(run: Row[Any]) -> dict[str, Any]:
    locale = current_principal().locale
    problem = run.problem and {"code": run.problem["code"], "title": t(
        f"problem.{run.problem['code']}", locale, **run.problem["params"])}
    return {"id": run.id, "person_id": run.person_id, "person_name": current_service().directory.name_of(run.person_id),
            "plan": run.plan, "tasks_to": run.tasks_to, "tasks_with_records": run.tasks_with_records,
            "state": run.state, "progress": {"done": run.done, "total": run.total}, "counts": run.counts,
            "undo": run.undo, "can_undo": can_undo(run), "problem": problem, "started_by": run.started_by,
            "created_at": to_wire(run.created_at), "finished_at": run.finished_at and to_wire(run.finished_at)}
