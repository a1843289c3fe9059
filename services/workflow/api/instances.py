"""`/v1/instances`: processes that run or have run over records."""

from __future__ import annotations

from typing import Any

from flask import current_app
from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from chassis.auth import current_principal, requires
from chassis.db import UnitOfWork
from chassis.http.etag import check_if_match, etag
from chassis.http.openapi import PageQuery, ServiceBlueprint, page_of
from chassis.http.paging import list_page
from chassis.http.parsing import IdField, StrictSchema, Text
from chassis.http.problem import Problem
from chassis.http.writes import writes
from services.workflow.api.schemas import ActorSchema, LinkSchema, moment_text
from services.workflow.api.seeing import instances_as_seen
from services.workflow.queries import instances as queries
from services.workflow.queries.instance_paths import called_by, path_of
from services.workflow.queries.processes import find_version
from services.workflow.store.objects import find_object
from services.workflow.store.tables import process_history, process_instance
from services.workflow.usecases.processes import ending, occurring
from services.workflow.usecases.processes.faults import refused
from services.workflow.usecases.processes.history import CANCELLED, COMPLETED, RUNNING, WITHDRAWN, Deed
from services.workflow.usecases.processes.steps import locked

MAX_COMMENT = 2_000


class CommentBody(StrictSchema):
    """A word on why."""

    comment = Text(max=MAX_COMMENT, load_default=None, allow_none=True)


class MessageBody(CommentBody):
    """A message, by its name in the file."""

    name = Text(max=200, min=1, required=True)


class InstanceSchema(Schema):
    """One instance; `problem` says why it does not go on by itself."""

    id = fields.String(required=True)
    process_id = fields.String(required=True)
    process_version = fields.Integer(required=True)
    process_name = fields.String(required=True)
    state = fields.String(required=True)
    link = fields.Nested(LinkSchema, required=True)
    applicant = fields.Nested(ActorSchema, required=True)
    outcome = fields.String(required=True, allow_none=True)
    problem = fields.String(required=True, allow_none=True)
    started_at = moment_text(required=True)
    ended_at = moment_text(required=True, allow_none=True)
    version = fields.Integer(required=True)


class NodeSchema(Schema):
    """A node of the diagram."""

    node = fields.String(required=True)
    name = fields.String(required=True)


class HolderSchema(ActorSchema):
    """Who has a task, and since when."""

    since = moment_text(required=True)


class TokenSchema(NodeSchema):
    """Where an instance stands, who has it, and to which earlier steps he can send it back."""

    waiting = fields.Boolean(required=True)
    people = fields.List(fields.Nested(HolderSchema), required=True)
    back_to = fields.List(fields.Nested(NodeSchema), required=True)


class WaitSchema(NodeSchema):
    """A timer, a message or a change that is waited for."""

    kind = fields.String(required=True)
    message = fields.String(required=True, allow_none=True)
    since = moment_text(required=True)
    due_at = moment_text(required=True, allow_none=True)


class HeldSchema(NodeSchema):
    """Who had a step from when until when, and what he did with it."""

    person = fields.Nested(ActorSchema, required=True)
    since = moment_text(required=True)
    until = moment_text(required=True, allow_none=True)
    did = fields.String(required=True, allow_none=True)


class FailedSchema(NodeSchema):
    """A step that does not go on, and why."""

    words = fields.String(required=True)


class CalledSchema(Schema):
    """A process that was called from a step, as far as the caller sees it."""

    id = fields.String(required=True)
    process_name = fields.String(required=True)
    state = fields.String(required=True)
    outcome = fields.String(required=True, allow_none=True)
    node = fields.String(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)


class DiagramSchema(Schema):
    """The file that an instance follows, where it stands in it, and the way it has taken."""

    xml = fields.String(required=True)
    tokens = fields.List(fields.Nested(TokenSchema), required=True)
    waits = fields.List(fields.Nested(WaitSchema), required=True)
    taken = fields.List(fields.String(), required=True, metadata={"description": "Ids of the flows that it went"})
    held = fields.List(fields.Nested(HeldSchema), required=True)
    failed = fields.List(fields.Nested(FailedSchema), required=True)
    called = fields.List(fields.Nested(CalledSchema), required=True)
    former = fields.List(fields.Nested(NodeSchema), required=True, metadata={
        "description": "steps of the versions that it has followed before, where this one has them no more"})


class LineSchema(Schema):
    """One line of a history."""

    id = fields.String(required=True)
    at = moment_text(required=True)
    node = fields.String(required=True, allow_none=True)
    what = fields.String(required=True)
    by = fields.Nested(ActorSchema, required=True, allow_none=True)
    comment = fields.String(required=True, allow_none=True)
    detail = fields.Dict(required=True)


class InstanceQuery(PageQuery):
    """Filters of the list."""

    process_id = IdField()
    record_id = IdField()
    applicant_id = IdField()
    state = fields.String(validate=OneOf((RUNNING, COMPLETED, WITHDRAWN, CANCELLED)))


blueprint = ServiceBlueprint("instances", __name__, url_prefix="/v1/instances", description="Running processes")


@blueprint.route("")
@blueprint.arguments(InstanceQuery, location="query")
@blueprint.response(200, page_of(InstanceSchema))
def list_instances(query: dict[str, Any]) -> Any:
    """List the instances that the caller applied for or took part in, newest first."""
    service, principal = current_app.extensions["freehold"], current_principal()
    with service.db.read() as connection:
        page = list_page(connection, queries.select_instances(principal, query), [(process_instance.c.id, True)],
                         limit=query["limit"], cursor=query["cursor"],
                         render=lambda row: queries.show_instance(service, row._mapping, principal.locale))
    return page | {"items": instances_as_seen(page["items"])}


@blueprint.route("/<id>")
@blueprint.response(200, InstanceSchema)
def show(id: str) -> Any:
    """Return one instance."""
    with current_app.extensions["freehold"].db.read() as connection:
        return instance_answer(queries.find_instance(connection, current_principal(), id))


@blueprint.route("/<id>/diagram")
@blueprint.response(200, DiagramSchema)
def show_diagram(id: str) -> Any:
    """Return the file that an instance follows, its tokens, and the way it has taken."""
    service, principal = current_app.extensions["freehold"], current_principal()
    with service.db.unit_of_work() as uow:
        row = queries.find_instance(uow.connection, principal, id)
        file = find_version(uow.connection, row["process_id"], row["process_version"])
        model = find_object(uow, service.calls, row["object"])
        if model is None:
            return {"xml": file["xml"], "tokens": [], "waits": [], "taken": [], "held": [], "failed": [], "called": [],
                    "former": []}
        definition = service.parts["processes"].definition(
            uow.connection, row["process_id"], row["process_version"], model)
        return {"xml": file["xml"], **queries.where_it_stands(service, uow.connection, row, definition),
                **path_of(service, uow.connection, row, definition, principal.locale),
                "called": called_by(uow.connection, principal, row, definition)}


@blueprint.route("/<id>/history")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_of(LineSchema))
def list_history(query: dict[str, Any], id: str) -> Any:
    """List what has happened in an instance, oldest first."""
    service = current_app.extensions["freehold"]
    with service.db.read() as connection:
        queries.find_instance(connection, current_principal(), id)
        return list_page(connection, queries.select_history(id), [(process_history.c.id, False)],
                         limit=query["limit"], cursor=query["cursor"],
                         render=lambda row: queries.show_line(service, row._mapping))


@blueprint.route("/<id>/withdraw", methods=["POST"])
@writes
@blueprint.arguments(CommentBody)
@blueprint.response(200, InstanceSchema)
def withdraw(body: dict[str, Any], id: str, uow: UnitOfWork) -> Any:
    """Take back one's own application; its open tasks go."""
    service, principal = current_app.extensions["freehold"], current_principal()
    return instance_answer(ending.withdraw(service, uow, principal, _running(uow, id), body["comment"]))


@blueprint.route("/<id>/messages", methods=["POST"])
@writes
@requires("rules.manage")
@blueprint.arguments(MessageBody)
@blueprint.response(200, InstanceSchema)
def bring_message(body: dict[str, Any], id: str, uow: UnitOfWork) -> Any:
    """Bring a message that the instance waits for."""
    service, principal = current_app.extensions["freehold"], current_principal()
    deed = Deed(by=principal.user_id, what="message", comment=body["comment"], detail={"name": body["name"]})
    return instance_answer(occurring.bring_message(
        service, uow, _running(uow, id), body["name"], deed, lambda reason: refused(reason, principal.locale)))


@blueprint.route("/<id>/retry", methods=["POST"])
@writes
@requires("rules.manage")
@blueprint.response(200, InstanceSchema)
def retry(id: str, uow: UnitOfWork) -> Any:
    """Do once more what the customer service has refused."""
    service, principal = current_app.extensions["freehold"], current_principal()
    return instance_answer(occurring.try_again(
        service, uow, _running(uow, id), principal.user_id, lambda reason: refused(reason, principal.locale)))


def _running(uow: UnitOfWork, id: str) -> Any:
    """An instance that the caller sees, locked; raises 409 when it does not run."""
    seen = queries.find_instance(uow.connection, current_principal(), id)
    check_if_match(seen["version"])
    instance = locked(uow, id)
    if instance is None:
        raise Problem(409, "instance_ended")
    return instance


def instance_answer(row: Any, headers: dict[str, str] | None = None) -> Any:
    """An instance as the caller sees it."""
    body = queries.show_instance(current_app.extensions["freehold"], row, current_principal().locale)
    return instances_as_seen([body])[0], {"ETag": etag(row["version"])} | (headers or {})
