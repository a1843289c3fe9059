"""`/v1/task-transfers`: tasks of somebody who hands over, for the service that keeps the hand-overs; what was left."""

from __future__ import annotations

from typing import Any

from flask import current_app
from marshmallow import Schema, fields
from marshmallow.validate import Length
from sqlalchemy import func, select

from chassis.auth.guard import current_principal, requires, service_only
from chassis.db import UnitOfWork
from chassis.http.openapi import PageQuery, ServiceBlueprint, page_of
from chassis.http.paging import list_page
from chassis.http.parsing import IdField, StrictSchema
from chassis.http.problem import not_found
from chassis.http.writes import writes
from chassis.ids import is_id
from services.workflow.api.schemas import LinkSchema
from services.workflow.api.seeing import kept_as_seen
from services.workflow.queries.task_transfers import select_kept, show_kept
from services.workflow.store.tables import task, task_transfer
from services.workflow.usecases import transferring

_MOST = 200


class TransferBody(StrictSchema):
    """Whose open tasks go: those about records to whoever each record names, or all of them to one person."""

    from_id = IdField(required=True)
    to_id = IdField()
    records = fields.Dict(keys=IdField(), values=IdField(), validate=Length(min=1, max=_MOST))


class PieceSchema(Schema):
    """Whether the same call has more to move."""

    more = fields.Boolean(required=True)


class OutcomeSchema(Schema):
    """How many tasks went to whom, how many came back, and how many were left alone by undoing."""

    receivers = fields.Dict(required=True)
    given_back = fields.Integer(required=True)
    kept = fields.Integer(required=True)


class KeptTaskSchema(Schema):
    """A task that undoing has left where it was, with the reason; what it says only for who sees it."""

    id = fields.String(required=True)
    title = fields.String(required=True, allow_none=True)
    state = fields.String(required=True, allow_none=True)
    assignee_id = fields.String(required=True, allow_none=True)
    assignee_name = fields.String(required=True, allow_none=True)
    link = fields.Nested(LinkSchema, required=True, allow_none=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)


class OpenTasksSchema(Schema):
    """How many open tasks somebody could hand over."""

    open = fields.Integer(required=True)


blueprint = ServiceBlueprint("task-transfers", __name__, url_prefix="/v1/task-transfers",
                             description="Tasks of somebody who hands over")


@blueprint.route("/preview/<person_id>")
@service_only
@blueprint.response(200, OpenTasksSchema)
def preview(person_id: str) -> Any:
    """Count the open tasks that a hand-over would move."""
    counted = select(func.count()).select_from(task).where(transferring.open_tasks(_known(person_id)))
    with current_app.extensions["freehold"].db.read() as connection:
        return {"open": connection.execute(counted).scalar_one()}


@blueprint.route("/<id>")
@service_only
@blueprint.response(200, OutcomeSchema)
def show(id: str) -> Any:
    """Return what a transfer has moved."""
    with current_app.extensions["freehold"].db.read() as connection:
        return transferring.outcome(connection, _known(id))


@blueprint.route("/<id>/kept")
@requires("users.manage")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_of(KeptTaskSchema))
def list_kept(query: dict[str, Any], id: str) -> Any:
    """List the tasks that undoing has left where they were, with the reasons."""
    service, principal = current_app.extensions["freehold"], current_principal()
    with service.db.read() as connection:
        page = list_page(connection, select_kept(principal, _known(id)), [(task_transfer.c.task_id, False)],
                         limit=query["limit"], cursor=query["cursor"],
                         render=lambda row: show_kept(service, row._mapping, principal.locale))
    return page | {"items": kept_as_seen(page["items"])}


@blueprint.route("/<id>", methods=["POST"])
@service_only
@writes
@blueprint.arguments(TransferBody)
@blueprint.response(200, PieceSchema)
def move(body: dict[str, Any], id: str, uow: UnitOfWork) -> Any:
    """Move the next piece of tasks; moving again what has moved changes nothing."""
    return {"more": transferring.transfer(current_app.extensions["freehold"], uow, _known(id), body)}


@blueprint.route("/<id>/undo", methods=["POST"])
@service_only
@writes
@blueprint.response(200, PieceSchema)
def undo(id: str, uow: UnitOfWork) -> Any:
    """Give the next piece of tasks back."""
    return {"more": transferring.undo_transfer(current_app.extensions["freehold"], uow, _known(id))}


def _known(id: str) -> str:
    if not is_id(id):
        raise not_found("task")
    return id
