"""`/v1/directory`: users, departments and roles for other services."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from chassis.auth.guard import service_only
from chassis.http.openapi import ServiceBlueprint
from chassis.http.parsing import IdField, StrictSchema
from gateway.api.requests import service
from gateway.queries.directory import snapshot

pages = ServiceBlueprint("directory", __name__, url_prefix="/v1/directory", description="For services only")


class DirectoryQuery(StrictSchema):
    """Everything, or one user with his roles."""

    user_id = IdField(load_default=None)


class DirectorySchema(Schema):
    """Whole entities as they stand."""

    version = fields.Integer(required=True)
    users = fields.List(fields.Dict(), required=True)
    departments = fields.List(fields.Dict(), required=True)
    roles = fields.List(fields.Dict(), required=True)


@pages.route("")
@service_only
@pages.arguments(DirectoryQuery, location="query")
@pages.response(200, DirectorySchema)
def show(ask: dict[str, Any]) -> Any:
    """Return the directory; for services only."""
    with service().db.read() as connection:
        return snapshot(connection, ask["user_id"])
