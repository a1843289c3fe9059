"""`/v1/task-kinds`: the sorts of work; everybody reads them, who manages rules writes them."""

from __future__ import annotations

import re
from typing import Any

from flask import current_app
from marshmallow import Schema, fields

from chassis.auth import requires
from chassis.db import UnitOfWork
from chassis.http.openapi import PageQuery, ServiceBlueprint, page_of
from chassis.http.paging import list_page
from chassis.http.parsing import LocalText, StrictSchema
from chassis.http.problem import FieldProblem, invalid
from chassis.http.writes import writes
from services.workflow.api.schemas import Flag, key_field, position_field
from services.workflow.queries.task_kinds import ORDER, SELECT
from services.workflow.usecases import task_kinds as usecases

_KEY = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}\Z", re.ASCII)


class TaskKindBody(StrictSchema):
    """A kind of task, put under its key."""

    name = LocalText(required=True)
    position = position_field(load_default=100)
    active = Flag(load_default=True)


class NewTaskKindBody(TaskKindBody):
    """A kind of task with its key."""

    key = key_field(required=True)


class TaskKindSchema(Schema):
    """A kind of task."""

    key = fields.String(required=True)
    name = fields.Dict(required=True)
    position = fields.Integer(required=True)
    active = fields.Boolean(required=True)


blueprint = ServiceBlueprint("task-kinds", __name__, url_prefix="/v1/task-kinds", description="Kinds of tasks")


@blueprint.route("")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_of(TaskKindSchema))
def list_kinds(query: dict[str, Any]) -> Any:
    """List kinds in their order."""
    with current_app.extensions["freehold"].db.read() as connection:
        return list_page(connection, SELECT, ORDER, limit=query["limit"], cursor=query["cursor"],
                         render=lambda row: dict(row._mapping))


@blueprint.route("", methods=["POST"])
@writes
@requires("rules.manage")
@blueprint.arguments(NewTaskKindBody)
@blueprint.response(201, TaskKindSchema)
def create(body: dict[str, Any], uow: UnitOfWork) -> Any:
    """Create a kind."""
    return usecases.create_kind(uow, body)


@blueprint.route("/<key>", methods=["PUT"])
@writes
@requires("rules.manage")
@blueprint.arguments(TaskKindBody)
@blueprint.response(200, TaskKindSchema)
def put(body: dict[str, Any], key: str, uow: UnitOfWork) -> Any:
    """Make a kind what the body says, whether it existed or not."""
    if not _KEY.match(key):
        raise invalid(FieldProblem("?key", "not_a_key"))
    return usecases.put_kind(uow, key, body)
