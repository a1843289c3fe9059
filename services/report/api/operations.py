"""`/v1/status` and `/v1/rebuild`: the read model as operators see it."""

from __future__ import annotations

from typing import Any

from flask import current_app
from marshmallow import Schema, fields

from chassis.auth import requires
from chassis.db import UnitOfWork
from chassis.http.openapi import ServiceBlueprint
from chassis.http.writes import writes
from services.report.queries.status import read_status
from services.report.usecases.rebuild import rebuild_everywhere

operations = ServiceBlueprint("read-model", __name__, url_prefix="/v1", description="The read model")


class ObjectRowsSchema(Schema):
    """How many records of an object there are."""

    object = fields.String(required=True)
    rows = fields.Integer(required=True)
    version = fields.Integer(required=True)


class RebuildSchema(Schema):
    """The newest rebuild."""

    job_id = fields.String(required=True)
    state = fields.String(required=True)
    read = fields.Integer(required=True)
    waiting = fields.List(fields.String(), required=True)
    error = fields.String(required=True, allow_none=True)
    started_at = fields.String(required=True)
    updated_at = fields.String(required=True)


class StatusSchema(Schema):
    """Whether the read model is complete, how far it has come, and what it holds."""

    complete = fields.Boolean(required=True)
    rebuilding = fields.Boolean(required=True)
    last_event_at = fields.String(required=True, allow_none=True)
    taken_at = fields.String(required=True, allow_none=True)
    lag_seconds = fields.Float(required=True, allow_none=True)
    objects = fields.List(fields.Nested(ObjectRowsSchema), required=True)
    rebuild = fields.Nested(RebuildSchema, required=True, allow_none=True)


class StartedSchema(Schema):
    """The rebuild that was started, or that was under way already."""

    job_id = fields.String(required=True)


@operations.route("/status")
@requires("system.read")
@operations.response(200, StatusSchema)
def status() -> Any:
    """Tell what the read model holds and how far it has come."""
    return read_status(current_app.extensions["freehold"])


@operations.route("/rebuild", methods=["POST"])
@writes
@requires("system.read")
@requires("objects.manage")
@operations.response(202, StartedSchema)
def rebuild(uow: UnitOfWork) -> Any:
    """Build the read model anew from the record store; it keeps answering meanwhile."""
    return {"job_id": rebuild_everywhere(current_app.extensions["freehold"], uow)}
