"""`/v1/tasks/{id}/…`: what people do with their tasks in a process."""

from __future__ import annotations

from typing import Any

from flask import current_app
from marshmallow import fields
from marshmallow.validate import OneOf

from chassis.auth import current_principal
from chassis.db import UnitOfWork
from chassis.http.openapi import ServiceBlueprint
from chassis.http.parsing import IdField, Text
from chassis.http.writes import writes
from services.workflow.api.instances import CommentBody
from services.workflow.api.schemas import Flag
from services.workflow.api.tasks import TaskSchema, task_answer
from services.workflow.model.processes.state import APPROVED, DONE, REJECTED
from services.workflow.usecases.processes import deciding


class DecisionBody(CommentBody):
    """`approved` or `rejected` where the step decides, else `done`."""

    outcome = fields.String(required=True, validate=OneOf((APPROVED, REJECTED, DONE)))


class PersonBody(CommentBody):
    """Somebody else."""

    person_id = IdField(required=True)


class JoinBody(PersonBody):
    """Somebody who shall decide too, `before` the caller or after him."""

    before = Flag(load_default=False)


class BackBody(CommentBody):
    """The id of an earlier user task."""

    to = Text(max=200, min=1, required=True)


blueprint = ServiceBlueprint("task-steps", __name__, url_prefix="/v1/tasks", description="Steps of processes")


@blueprint.route("/<id>/decide", methods=["POST"])
@writes
@blueprint.arguments(DecisionBody)
@blueprint.response(200, TaskSchema)
def decide(body: dict[str, Any], id: str, uow: UnitOfWork) -> Any:
    """Approve, reject or complete one's own step of a process."""
    return task_answer(deciding.decide(
        current_app.extensions["freehold"], uow, current_principal(), id, body["outcome"], body["comment"]))


@blueprint.route("/<id>/hand-over", methods=["POST"])
@writes
@blueprint.arguments(PersonBody)
@blueprint.response(200, TaskSchema)
def hand_over(body: dict[str, Any], id: str, uow: UnitOfWork) -> Any:
    """Let somebody else decide instead."""
    return task_answer(deciding.hand_over(current_app.extensions["freehold"], uow, current_principal(), id, body))


@blueprint.route("/<id>/add-approver", methods=["POST"])
@writes
@blueprint.arguments(JoinBody)
@blueprint.response(200, TaskSchema)
def add_approver(body: dict[str, Any], id: str, uow: UnitOfWork) -> Any:
    """Let somebody else decide too."""
    return task_answer(deciding.add_approver(current_app.extensions["freehold"], uow, current_principal(), id, body))


@blueprint.route("/<id>/send-back", methods=["POST"])
@writes
@blueprint.arguments(BackBody)
@blueprint.response(200, TaskSchema)
def send_back(body: dict[str, Any], id: str, uow: UnitOfWork) -> Any:
    """Let the process go on from an earlier step."""
    return task_answer(deciding.send_back(current_app.extensions["freehold"], uow, current_principal(), id, body))
