"""`/v1/roles`."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields
from marshmallow.validate import Length

from chassis.auth.guard import current_principal, requires
from chassis.http.etag import etag, expected_version
from chassis.http.openapi import PageQuery, ServiceBlueprint, page_of
from chassis.http.parsing import LocalText, StrictSchema, Text
from chassis.http.problem import not_found
from chassis.http.writes import writes
from gateway.api.requests import PatchSchema, known_id, require_any, service
from gateway.queries.roles import find, page_of_roles
from gateway.usecases import roles as usecases

pages = ServiceBlueprint("roles", __name__, url_prefix="/v1/roles", description="What people may do")


class RoleSchema(Schema):
    """A role; a shipped one keeps its rights."""

    id = fields.String(required=True)
    key = fields.String(required=True)
    name = LocalText(required=True)
    permissions = fields.List(fields.String(), required=True)
    objects = fields.Dict(keys=fields.String(), required=True)
    shipped = fields.Boolean(required=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)
    version = fields.Integer(required=True)


class NewRoleSchema(StrictSchema):
    """A role to be made."""

    key = Text(required=True, min=1, max=63)
    name = LocalText(required=True, max=100)
    permissions = fields.List(Text(max=60), load_default=list, validate=Length(max=100))
    objects = fields.Dict(keys=Text(max=63), load_default=dict)


class ChangedRoleSchema(PatchSchema):
    """Members to change; `permissions` and `objects` are replaced as a whole."""

    key = Text(min=1, max=63)
    name = LocalText(max=100)
    permissions = fields.List(Text(max=60), validate=Length(max=100))
    objects = fields.Dict(keys=Text(max=63))


@pages.route("")
@pages.arguments(PageQuery, location="query")
@pages.response(200, page_of(RoleSchema))
def list_roles(ask: dict[str, Any]) -> Any:
    """List roles by key."""
    require_any("roles.manage", "users.manage")
    with service().db.read() as connection:
        return page_of_roles(connection, ask)


@pages.route("", methods=["POST"])
@writes
@requires("roles.manage")
@pages.arguments(NewRoleSchema)
@pages.response(201, RoleSchema)
def create(body: dict[str, Any], uow: Any) -> Any:
    """Add a role."""
    found = usecases.create_role(service(), uow, current_principal(), body)
    return found, 201, {"ETag": etag(found["version"]), "Location": f"/api/gateway/v1/roles/{found['id']}"}


@pages.route("/<id>")
@pages.response(200, RoleSchema)
def show(id: str) -> Any:
    """Return a role."""
    require_any("roles.manage", "users.manage")
    with service().db.read() as connection:
        found = find(connection, known_id(id, "role"))
    if found is None:
        raise not_found("role")
    return found, 200, {"ETag": etag(found["version"])}


@pages.route("/<id>", methods=["PATCH"])
@writes
@requires("roles.manage")
@pages.arguments(ChangedRoleSchema)
@pages.response(200, RoleSchema)
def change(body: dict[str, Any], id: str, uow: Any) -> Any:
    """Change a role."""
    found = usecases.update_role(service(), uow, current_principal(), known_id(id, "role"), body, expected_version())
    return found, 200, {"ETag": etag(found["version"])}


@pages.route("/<id>", methods=["DELETE"])
@writes
@requires("roles.manage")
@pages.response(204)
def delete(id: str, uow: Any) -> None:
    """Remove a role that nobody holds."""
    usecases.delete_role(service(), uow, current_principal(), known_id(id, "role"), expected_version())
