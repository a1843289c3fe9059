"""`/v1/approvals`: processes in the simple form that business people draw. A process that says more than the form can
has its file (`xml`) in place of it."""

from __future__ import annotations

from typing import Any

from flask import current_app
from marshmallow import fields

from chassis.auth import current_principal, requires
from chassis.db import UnitOfWork
from chassis.http.etag import etag
from chassis.http.openapi import ServiceBlueprint, page_of
from chassis.http.paging import list_page
from chassis.http.parsing import LocalText, StrictSchema, Text
from chassis.http.writes import writes
from services.workflow.api.processes import MANAGE, ProcessQuery, ProcessSchema
from services.workflow.api.schemas import Flag, key_field
from services.workflow.model.processes.xml import MAX_CHARACTERS
from services.workflow.queries import approvals as queries
from services.workflow.store.tables import process
from services.workflow.usecases.processes import approvals as usecases
from services.workflow.usecases.processes.publishing import delete_process


def approval_field() -> fields.Dict:
    """The simple form."""
    return fields.Dict(load_default=None, allow_none=True, metadata={
        "description": "`start` (`people`, `criteria`), `steps` (`approve`, `act`, `choose`), `approved` and "
                       "`rejected`, `withdrawn` (actions), `automatic` (`applicant`, `agreed`); see the guide"})


def file_field() -> Text:
    """A BPMN file in place of the form."""
    return Text(max=MAX_CHARACTERS, min=1, load_default=None, allow_none=True)


class ApprovalBody(StrictSchema):
    """An approval over records of an object, with its first version: `approval`, or `xml`."""

    key = key_field(load_default=None, allow_none=True)
    name = LocalText(required=True)
    object = Text(max=63, min=1, required=True)
    active = Flag(load_default=True)
    approval = approval_field()
    xml = file_field()


class ApprovalChanges(StrictSchema):
    """The members that are to change; another `approval` or `xml` becomes the next version."""

    name = LocalText()
    active = Flag()
    approval = approval_field()
    xml = file_field()


class ApprovalSchema(ProcessSchema):
    """A process with its latest version: its form, or its file where the form cannot show it."""

    approval = fields.Dict(required=True, allow_none=True)
    xml = fields.String(required=True, allow_none=True)


blueprint = ServiceBlueprint("approvals", __name__, url_prefix="/v1/approvals", description="Approvals")


@blueprint.route("")
@requires(MANAGE)
@blueprint.arguments(ProcessQuery, location="query")
@blueprint.response(200, page_of(ApprovalSchema))
def list_approvals(query: dict[str, Any]) -> Any:
    """List processes with their latest versions."""
    with current_app.extensions["freehold"].db.read() as connection:
        return list_page(connection, queries.select_approvals(query), [
            (process.c.object, False), (process.c.id, False)], limit=query["limit"], cursor=query["cursor"],
            render=lambda row: queries.show_approval(row._mapping))


@blueprint.route("", methods=["POST"])
@writes
@requires(MANAGE)
@blueprint.arguments(ApprovalBody)
@blueprint.response(201, ApprovalSchema)
def create(body: dict[str, Any], uow: UnitOfWork) -> Any:
    """Publish an approval; every fault is told at its place in the form."""
    row = usecases.create_approval(current_app.extensions["freehold"], uow, current_principal(), body)
    return queries.find_approval(uow.connection, row["id"]), {
        "ETag": etag(row["version"]), "Location": f"/v1/approvals/{row['id']}"}


@blueprint.route("/<id>")
@requires(MANAGE)
@blueprint.response(200, ApprovalSchema)
def show(id: str) -> Any:
    """Return one."""
    with current_app.extensions["freehold"].db.read() as connection:
        found = queries.find_approval(connection, id)
    return found, {"ETag": etag(found["version"])}


@blueprint.route("/<id>", methods=["PATCH"])
@writes
@requires(MANAGE)
@blueprint.arguments(ApprovalChanges)
@blueprint.response(200, ApprovalSchema)
def change(body: dict[str, Any], id: str, uow: UnitOfWork) -> Any:
    """Rename an approval, let it rest, or publish its next version; what runs keeps its own."""
    row = usecases.change_approval(current_app.extensions["freehold"], uow, current_principal(), id, body)
    return queries.find_approval(uow.connection, id), {"ETag": etag(row["version"])}


@blueprint.route("/<id>", methods=["DELETE"])
@writes
@requires(MANAGE)
@blueprint.response(204)
def remove(id: str, uow: UnitOfWork) -> None:
    """Delete a process with all its versions; 409 for one that has run or that a rule starts: let that rest."""
    delete_process(uow, id)
