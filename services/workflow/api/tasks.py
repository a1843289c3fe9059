"""`/v1/tasks`: what people have to do."""

from __future__ import annotations

from typing import Any

from flask import current_app, request
from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from chassis.auth import current_principal
from chassis.calls import Answer
from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.http.etag import etag
from chassis.http.meeting import meets
from chassis.http.openapi import PageQuery, ServiceBlueprint, page_of
from chassis.http.paging import list_page
from chassis.http.parsing import IdField, StrictSchema, Text
from chassis.http.writes import writes
from services.workflow.api.schemas import ActorSchema, LinkBody, LinkSchema, Moment, key_field, moment_text, title_field
from services.workflow.api.seeing import tasks_as_seen
from services.workflow.model.processes.state import DONE
from services.workflow.queries import tasks as queries
from services.workflow.usecases import managing_tasks as usecases
from services.workflow.usecases.processes.deciding import decide

STATES = ("open", "done", "cancelled")


class TaskBody(StrictSchema):
    """A new task; without an assignee it is the caller's own."""

    title = title_field(required=True)
    kind = key_field(allow_none=True)
    due_at = Moment(allow_none=True)
    assignee_id = IdField()
    link = fields.Nested(LinkBody, allow_none=True)


class TaskChanges(StrictSchema):
    """The members of a task that are to change; another assignee delegates it."""

    title = title_field()
    kind = key_field(allow_none=True)
    due_at = Moment(allow_none=True)
    assignee_id = IdField()
    link = fields.Nested(LinkBody, allow_none=True)


class StepSchema(Schema):
    """Which step of a process a task is; one that decides is approved or rejected, any other completed."""

    instance_id = fields.String(required=True)
    node = fields.String(required=True)
    decision = fields.Boolean(required=True)
    applicant = fields.Nested(ActorSchema, required=True)


class TaskSchema(Schema):
    """A task, its texts in the caller's language."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    kind = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)
    due_at = moment_text(required=True, allow_none=True)
    assignee_id = fields.String(required=True)
    assignee_name = fields.String(required=True, allow_none=True)
    link = fields.Nested(LinkSchema, required=True, allow_none=True)
    created_by = fields.Nested(ActorSchema, required=True)
    created_at = moment_text(required=True)
    completed_at = moment_text(required=True, allow_none=True)
    completed_by = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)
    process = fields.Nested(StepSchema, required=True, allow_none=True)
    on_behalf_of = fields.Nested(ActorSchema, required=True, allow_none=True)


class TaskSummarySchema(Schema):
    """Counts of the caller's own open tasks."""

    open = fields.Integer(required=True)
    overdue = fields.Integer(required=True)
    today = fields.Integer(required=True)


class TaskQuery(PageQuery):
    """Filters of the list; without a view, an assignee or a record it shows the caller's own tasks."""

    state = fields.String(validate=OneOf(STATES))
    due = fields.String(validate=OneOf(("overdue", "today", "week")))
    view = fields.String(validate=OneOf(("mine", "created", "deputy", "visible")))
    kind = Text(max=100)
    assignee_id = IdField()
    object = Text(max=63)
    record_id = IdField()
    sort = fields.String(load_default="due_at", validate=OneOf(
        [prefix + name for name in queries.ORDERS for prefix in ("", "-")]))


blueprint = ServiceBlueprint("tasks", __name__, url_prefix="/v1/tasks", description="Tasks")


@blueprint.route("")
@blueprint.arguments(TaskQuery, location="query")
@blueprint.response(200, page_of(TaskSchema))
def list_tasks(query: dict[str, Any]) -> Any:
    """List tasks, by default the caller's own, the most urgent first."""
    service, principal = current_app.extensions["freehold"], current_principal()
    with service.db.read() as connection:
        page = list_page(connection, queries.select_tasks(principal, query, utcnow()), queries.order_of(query["sort"]),
                         limit=query["limit"], cursor=query["cursor"],
                         render=lambda row: queries.show_task(service, row._mapping, principal.locale))
    return page | {"items": tasks_as_seen(page["items"])}


@blueprint.route("/summary")
@blueprint.response(200, TaskSummarySchema)
def show_summary() -> Any:
    """Count the caller's own open tasks."""
    with current_app.extensions["freehold"].db.read() as connection:
        return queries.summary(connection, current_principal(), utcnow())


@blueprint.route("", methods=["POST"])
@meets
@writes
@blueprint.arguments(TaskBody)
@blueprint.response(201, TaskSchema)
def create(body: dict[str, Any], uow: UnitOfWork) -> Any:
    """Create a task."""
    row = usecases.create_task(current_app.extensions["freehold"], uow, current_principal(), body, read_as_caller)
    return task_answer(row, {"Location": f"/v1/tasks/{row['id']}"})


@blueprint.route("/<id>")
@blueprint.response(200, TaskSchema)
def show(id: str) -> Any:
    """Return one task."""
    with current_app.extensions["freehold"].db.read() as connection:
        return task_answer(queries.find_task(connection, current_principal(), id))


@blueprint.route("/<id>", methods=["PATCH"])
@meets
@writes
@blueprint.arguments(TaskChanges)
@blueprint.response(200, TaskSchema)
def change(body: dict[str, Any], id: str, uow: UnitOfWork) -> Any:
    """Change or delegate an open task."""
    service = current_app.extensions["freehold"]
    return task_answer(usecases.change_task(service, uow, current_principal(), id, body, read_as_caller))


@blueprint.route("/<id>/complete", methods=["POST"])
@writes
@blueprint.response(200, TaskSchema)
def complete(id: str, uow: UnitOfWork) -> Any:
    """Complete a task; a step of a process that decides nothing lets the process go on."""
    service, principal = current_app.extensions["freehold"], current_principal()
    if queries.find_task(uow.connection, principal, id)["instance_id"] is not None:
        return task_answer(decide(service, uow, principal, id, DONE, None))
    return task_answer(usecases.close_task(service, uow, principal, id, "done"))


@blueprint.route("/<id>/cancel", methods=["POST"])
@writes
@blueprint.response(200, TaskSchema)
def cancel(id: str, uow: UnitOfWork) -> Any:
    """Cancel a task that need not be done any more."""
    service = current_app.extensions["freehold"]
    return task_answer(usecases.close_task(service, uow, current_principal(), id, "cancelled"))


@blueprint.route("/<id>/reopen", methods=["POST"])
@writes
@blueprint.response(200, TaskSchema)
def reopen(id: str, uow: UnitOfWork) -> Any:
    """Open a closed task again."""
    return task_answer(usecases.reopen_task(current_app.extensions["freehold"], uow, current_principal(), id))


def task_answer(row: Any, headers: dict[str, str] | None = None) -> Any:
    """A task as the caller sees it."""
    body = queries.show_task(current_app.extensions["freehold"], row, current_principal().locale)
    return tasks_as_seen([body])[0], {"ETag": etag(row["version"])} | (headers or {})


def read_as_caller(object: str, id: str) -> Answer:
    """Read a record with the caller's own token: nobody learns of a record that he may not see."""
    return current_app.extensions["freehold"].calls.request(
        "customer", "GET", f"/v1/records/{object}/{id}", anonymous=True,
        headers={"Authorization": request.headers["Authorization"]})
