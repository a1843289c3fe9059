"""`/v1/processes/<id>/moves`: running instances go to another version of their process."""

from __future__ import annotations

from typing import Any

from flask import current_app
from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf, Range

from chassis.auth import current_principal, requires
from chassis.db import UnitOfWork
from chassis.http.openapi import PageQuery, ServiceBlueprint, page_of
from chassis.http.paging import list_page
from chassis.http.parsing import StrictSchema, Text
from chassis.http.writes import writes
from services.workflow.api.instances import InstanceSchema
from services.workflow.api.processes import MANAGE
from services.workflow.api.schemas import ActorSchema, moment_text
from services.workflow.api.seeing import instances_as_seen
from services.workflow.model.processes.reader import MAX_NAME, MAX_NODES
from services.workflow.queries import moves as queries
from services.workflow.queries.processes import find_process
from services.workflow.store.process_moves import GONE, KEPT, MOVED, process_move, process_move_result
from services.workflow.usecases.moving import start as usecases
from services.workflow.usecases.moving.preview import preview as preview_of

MAX_SOURCES = 50


def _version() -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=Range(1, 2**31 - 1))


class MoveBody(StrictSchema):
    """From which versions to which one; `mapping` says what stands for an element whose id the new version does not
    have, or in place of the one that has it: null lets instances stay that stand there."""

    sources = fields.List(_version(), required=True, validate=Length(1, MAX_SOURCES))
    target = _version()
    mapping = fields.Dict(keys=Text(max=MAX_NAME, min=1), values=Text(max=MAX_NAME, min=1, allow_none=True),
                          load_default=dict, validate=Length(max=MAX_NODES))


class ElementSchema(Schema):
    """An element of a file."""

    node = fields.String(required=True)
    name = fields.String(required=True)


class PositionSchema(ElementSchema):
    """An element at which instances stand: how many, what stands for it, and what may; why it cannot; what changes."""

    kind = fields.String(required=True)
    instances = fields.Integer(required=True)
    target = fields.String(required=True, allow_none=True)
    target_name = fields.String(required=True, allow_none=True)
    choices = fields.List(fields.Nested(ElementSchema), required=True)
    obstacles = fields.List(fields.String(), required=True)
    notes = fields.List(fields.String(), required=True)


class ObstacleSchema(Schema):
    """What keeps instances of a version where they are: at which element of it, and of the new one."""

    code = fields.String(required=True)
    version = fields.Integer(required=True)
    node = fields.String(required=True, allow_none=True)
    target = fields.String(required=True, allow_none=True)
    words = fields.String(required=True)
    instances = fields.Integer(required=True)
    examples = fields.List(fields.String(), required=True, metadata={"description": "ids of instances"})


class PreviewSchema(Schema):
    """What a move would do; `looked_at` is less than `instances` when there are more than one preview looks at."""

    instances = fields.Integer(required=True)
    looked_at = fields.Integer(required=True)
    movable = fields.Integer(required=True)
    positions = fields.List(fields.Nested(PositionSchema), required=True)
    obstacles = fields.List(fields.Nested(ObstacleSchema), required=True)


class MoveCountsSchema(Schema):
    """How many have moved, had to stay, or had ended meanwhile."""

    moved = fields.Integer(required=True)
    kept = fields.Integer(required=True)
    gone = fields.Integer(required=True)


class MoveSchema(Schema):
    """A move, and how far it is."""

    id = fields.String(required=True)
    process_id = fields.String(required=True)
    sources = fields.List(fields.Integer(), required=True)
    target = fields.Integer(required=True)
    mapping = fields.Dict(required=True)
    state = fields.String(required=True, metadata={"description": "running, finished, failed, cancelled"})
    total = fields.Integer(required=True)
    progress = fields.Float(required=True)
    counts = fields.Nested(MoveCountsSchema, required=True)
    by = fields.Nested(ActorSchema, required=True)
    created_at = moment_text(required=True)
    updated_at = moment_text(required=True)


class ReasonSchema(Schema):
    """Why an instance stays."""

    node = fields.String(required=True, allow_none=True)
    words = fields.String(required=True)


class MoveResultSchema(Schema):
    """What became of an instance."""

    instance = fields.Nested(InstanceSchema, required=True)
    outcome = fields.String(required=True)
    from_version = fields.Integer(required=True, allow_none=True)
    reasons = fields.List(fields.Nested(ReasonSchema), required=True)


class ResultQuery(PageQuery):
    """Which of the results."""

    outcome = fields.String(validate=OneOf((MOVED, KEPT, GONE)))


blueprint = ServiceBlueprint("process_moves", __name__, url_prefix="/v1/processes/<id>/moves",
                             description="Instances that go to another version")


@blueprint.route("/preview", methods=["POST"])
@writes
@requires(MANAGE)
@blueprint.arguments(MoveBody)
@blueprint.response(200, PreviewSchema)
def preview(body: dict[str, Any], id: str, uow: UnitOfWork) -> Any:
    """Say what a move would do with the instances that run now, and change nothing."""
    return preview_of(current_app.extensions["freehold"], uow, id, body, current_principal().locale)


@blueprint.route("")
@requires(MANAGE)
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_of(MoveSchema))
def list_moves(query: dict[str, Any], id: str) -> Any:
    """List the moves of a process, newest first."""
    with current_app.extensions["freehold"].db.read() as connection:
        find_process(connection, id)
        return list_page(connection, queries.select_moves(id), [(process_move.c.id, True)], limit=query["limit"],
                         cursor=query["cursor"], render=queries.show_move)


@blueprint.route("", methods=["POST"])
@writes
@requires(MANAGE)
@blueprint.arguments(MoveBody)
@blueprint.response(202, MoveSchema)
def start(body: dict[str, Any], id: str, uow: UnitOfWork) -> Any:
    """Move instances; those that cannot stay in their version, each with the reason."""
    move = usecases.start_move(current_app.extensions["freehold"], uow, current_principal(), id, body)
    return queries.show_move(usecases.known_move(uow.connection, id, move)), {
        "Location": f"/v1/processes/{id}/moves/{move}"}


@blueprint.route("/<move>")
@requires(MANAGE)
@blueprint.response(200, MoveSchema)
def show(id: str, move: str) -> Any:
    """Return how a move stands."""
    with current_app.extensions["freehold"].db.read() as connection:
        return queries.show_move(usecases.known_move(connection, id, move))


@blueprint.route("/<move>/cancel", methods=["POST"])
@writes
@requires(MANAGE)
@blueprint.response(200, MoveSchema)
def cancel(id: str, move: str, uow: UnitOfWork) -> Any:
    """Stop a move; what has moved stays in the new version."""
    usecases.cancel_move(uow, id, move)
    return queries.show_move(usecases.known_move(uow.connection, id, move))


@blueprint.route("/<move>/results")
@requires(MANAGE)
@blueprint.arguments(ResultQuery, location="query")
@blueprint.response(200, page_of(MoveResultSchema))
def list_results(query: dict[str, Any], id: str, move: str) -> Any:
    """List what became of each instance."""
    service, locale = current_app.extensions["freehold"], current_principal().locale
    with service.db.read() as connection:
        usecases.known_move(connection, id, move)
        page = list_page(connection, queries.select_results(move, query.get("outcome")), [
            (process_move_result.c.instance_id, False)], limit=query["limit"], cursor=query["cursor"],
            render=lambda row: queries.show_result(service, row._mapping, locale))
    seen = instances_as_seen([one["instance"] for one in page["items"]])
    return page | {"items": [one | {"instance": instance} for one, instance in zip(page["items"], seen, strict=True)]}
