"""`/v1/processes`: BPMN files, published in versions; starting one over a record."""

from __future__ import annotations

from typing import Any

from flask import current_app
from marshmallow import Schema, fields
from marshmallow.validate import Range

from chassis.auth import current_principal, requires
from chassis.db import UnitOfWork
from chassis.http.etag import etag
from chassis.http.openapi import PageQuery, ServiceBlueprint, page_of
from chassis.http.paging import list_page
from chassis.http.parsing import IdField, LocalText, StrictSchema, Text
from chassis.http.writes import writes
from services.workflow.api.instances import MAX_COMMENT, InstanceSchema, instance_answer
from services.workflow.api.schemas import ActorSchema, Flag, key_field, moment_text
from services.workflow.api.tasks import read_as_caller
from services.workflow.model.processes.xml import MAX_CHARACTERS
from services.workflow.queries import processes as queries
from services.workflow.queries.moves import running_in
from services.workflow.store.tables import process, process_version
from services.workflow.usecases.processes import drafting
from services.workflow.usecases.processes import publishing as usecases
from services.workflow.usecases.processes.starting import start_instance

MANAGE = "rules.manage"


def xml_field() -> Text:
    """A BPMN 2.0 file."""
    return Text(max=MAX_CHARACTERS, min=1, required=True, metadata={"description": "BPMN 2.0; see the BPMN reference"})


class ProcessBody(StrictSchema):
    """A process over records of an object, with its first version."""

    key = key_field(load_default=None, allow_none=True)
    name = LocalText(required=True)
    object = Text(max=63, min=1, required=True)
    active = Flag(load_default=True)
    xml = xml_field()


class ProcessChanges(StrictSchema):
    """The members of a process that are to change; an inactive one is not started, what runs goes on."""

    name = LocalText()
    active = Flag()


class FileBody(StrictSchema):
    """The next version."""

    xml = xml_field()


class CheckBody(StrictSchema):
    """A file to be looked through."""

    object = Text(max=63, min=1, required=True)
    xml = xml_field()


class DraftBody(FileBody):
    """The next version while it is drawn; `base` is the version that it was begun from."""

    base = fields.Integer(required=True, strict=True, validate=Range(1, 2**31 - 1))


class StartBody(StrictSchema):
    """The record that the instance is about; a word to whoever has to decide."""

    record_id = IdField(required=True)
    comment = Text(max=MAX_COMMENT, load_default=None, allow_none=True)


class ProcessSchema(Schema):
    """A process; `latest` is the version that new instances follow."""

    id = fields.String(required=True)
    key = fields.String(required=True, allow_none=True)
    name = fields.Dict(required=True)
    object = fields.String(required=True)
    active = fields.Boolean(required=True)
    latest = fields.Integer(required=True)
    version = fields.Integer(required=True)
    created_at = moment_text(required=True)
    updated_at = moment_text(required=True)


class ProcessVersionSchema(Schema):
    """One version: who published it and when."""

    number = fields.Integer(required=True)
    at = moment_text(required=True)
    by = fields.Nested(ActorSchema, required=True)


class ProcessVersionLineSchema(ProcessVersionSchema):
    """One version, and how many instances run in it."""

    running = fields.Integer(required=True)


class ProcessFileSchema(ProcessVersionSchema):
    """One version with its file, as its author wrote it."""

    xml = fields.String(required=True)


class ProcessDraftSchema(Schema):
    """What is drawn and not published: since when, by whom, and from which version it was begun."""

    base = fields.Integer(required=True)
    xml = fields.String(required=True)
    at = moment_text(required=True)
    by = fields.Nested(ActorSchema, required=True)
    version = fields.Integer(required=True)


class ProcessQuery(PageQuery):
    """Filters of the list."""

    object = Text(max=63)
    key = Text(max=100)
    active = Flag()


blueprint = ServiceBlueprint("processes", __name__, url_prefix="/v1/processes", description="Processes")


@blueprint.route("")
@blueprint.arguments(ProcessQuery, location="query")
@blueprint.response(200, page_of(ProcessSchema))
def list_processes(query: dict[str, Any]) -> Any:
    """List processes: what may be started over which object."""
    with current_app.extensions["freehold"].db.read() as connection:
        return list_page(connection, queries.select_processes(query), [
            (process.c.object, False), (process.c.id, False)], limit=query["limit"], cursor=query["cursor"],
            render=lambda row: queries.show_process(row._mapping))


@blueprint.route("", methods=["POST"])
@writes
@requires(MANAGE)
@blueprint.arguments(ProcessBody)
@blueprint.response(201, ProcessSchema)
def create(body: dict[str, Any], uow: UnitOfWork) -> Any:
    """Publish a process; every fault of its file is told with the id of the element."""
    row = usecases.create_process(current_app.extensions["freehold"], uow, current_principal(), body)
    return queries.show_process(row), {"ETag": etag(row["version"]), "Location": f"/v1/processes/{row['id']}"}


@blueprint.route("/check", methods=["POST"])
@writes
@requires(MANAGE)
@blueprint.arguments(CheckBody)
@blueprint.response(204)
def check(body: dict[str, Any], uow: UnitOfWork) -> None:
    """Look a file through without publishing it; faults are those of publishing."""
    usecases.check_file(current_app.extensions["freehold"], uow, body["object"], body["xml"])


@blueprint.route("/<id>")
@blueprint.response(200, ProcessSchema)
def show(id: str) -> Any:
    """Return one process."""
    with current_app.extensions["freehold"].db.read() as connection:
        row = queries.find_process(connection, id)
    return queries.show_process(row), {"ETag": etag(row["version"])}


@blueprint.route("/<id>", methods=["PATCH"])
@writes
@requires(MANAGE)
@blueprint.arguments(ProcessChanges)
@blueprint.response(200, ProcessSchema)
def change(body: dict[str, Any], id: str, uow: UnitOfWork) -> Any:
    """Rename a process, or let it rest."""
    row = usecases.change_process(uow, id, body)
    return queries.show_process(row), {"ETag": etag(row["version"])}


@blueprint.route("/<id>/versions")
@requires(MANAGE)
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_of(ProcessVersionLineSchema))
def list_versions(query: dict[str, Any], id: str) -> Any:
    """List the versions of a process, newest first."""
    with current_app.extensions["freehold"].db.read() as connection:
        queries.find_process(connection, id)
        page = list_page(connection, queries.select_versions(id), [(process_version.c.number, True)],
                         limit=query["limit"], cursor=query["cursor"],
                         render=lambda row: queries.show_version(row._mapping))
        running = running_in(connection, id, [one["number"] for one in page["items"]])
    return page | {"items": [one | {"running": running.get(one["number"], 0)} for one in page["items"]]}


@blueprint.route("/<id>/versions", methods=["POST"])
@writes
@requires(MANAGE)
@blueprint.arguments(FileBody)
@blueprint.response(201, ProcessSchema)
def publish(body: dict[str, Any], id: str, uow: UnitOfWork) -> Any:
    """Publish the next version; what runs keeps its own."""
    row = usecases.publish_version(current_app.extensions["freehold"], uow, current_principal(), id, body["xml"])
    return queries.show_process(row), {"ETag": etag(row["version"])}


@blueprint.route("/<id>/versions/<int:number>")
@requires(MANAGE)
@blueprint.response(200, ProcessFileSchema)
def show_version(id: str, number: int) -> Any:
    """Return a version with its file."""
    with current_app.extensions["freehold"].db.read() as connection:
        return queries.show_version(queries.find_version(connection, id, number))


@blueprint.route("/<id>/draft")
@requires(MANAGE)
@blueprint.response(200, ProcessDraftSchema)
def show_draft(id: str) -> Any:
    """Return what is drawn and not published."""
    with current_app.extensions["freehold"].db.read() as connection:
        row = queries.find_draft(connection, id)
    return queries.show_draft(row), {"ETag": etag(row["version"])}


@blueprint.route("/<id>/draft", methods=["PUT"])
@writes
@requires(MANAGE)
@blueprint.arguments(DraftBody)
@blueprint.response(200, ProcessDraftSchema)
def keep_draft(body: dict[str, Any], id: str, uow: UnitOfWork) -> Any:
    """Keep the next version without publishing it, finished or not."""
    queries.find_process(uow.connection, id)
    row = drafting.keep_draft(uow, current_principal(), id, body)
    return queries.show_draft(row), {"ETag": etag(row["version"])}


@blueprint.route("/<id>/draft", methods=["DELETE"])
@writes
@requires(MANAGE)
@blueprint.response(204)
def drop_draft(id: str, uow: UnitOfWork) -> None:
    """Throw away what is drawn and not published."""
    queries.find_process(uow.connection, id)
    drafting.discard_draft(uow, id)


@blueprint.route("/<id>/instances", methods=["POST"])
@writes
@blueprint.arguments(StartBody)
@blueprint.response(201, InstanceSchema)
def start(body: dict[str, Any], id: str, uow: UnitOfWork) -> Any:
    """Start a process over a record that the caller sees."""
    service = current_app.extensions["freehold"]
    row = start_instance(service, uow, current_principal(), id, body, read_as_caller)
    return instance_answer(row, {"Location": f"/v1/instances/{row['id']}"})
