"""`/v1/departments`."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from chassis.auth.guard import current_principal, requires
from chassis.http.etag import etag, expected_version
from chassis.http.openapi import ServiceBlueprint, page_of
from chassis.http.parsing import IdField, StrictSchema, Text
from chassis.http.problem import not_found
from chassis.http.writes import writes
from gateway.api.requests import PatchSchema, Position, SearchQuery, known_id, service
from gateway.queries.departments import find, page_of_departments
from gateway.usecases import departments as usecases

pages = ServiceBlueprint("departments", __name__, url_prefix="/v1/departments", description="The organisation")


class DepartmentSchema(Schema):
    """A department; `path` holds the names from the root."""

    id = fields.String(required=True)
    key = fields.String(required=True, allow_none=True)
    name = fields.String(required=True)
    parent_id = fields.String(required=True, allow_none=True)
    path = fields.String(required=True)
    position = fields.Integer(required=True)
    calendar_id = fields.String(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)
    version = fields.Integer(required=True)


class NewDepartmentSchema(StrictSchema):
    """A department to be made."""

    name = Text(required=True, min=1, max=100)
    parent_id = IdField(load_default=None, allow_none=True)
    key = Text(load_default=None, allow_none=True, min=1, max=63)
    position = Position(load_default=0)
    calendar_id = IdField(load_default=None, allow_none=True)


class ChangedDepartmentSchema(PatchSchema):
    """Members to change."""

    name = Text(min=1, max=100)
    parent_id = IdField(allow_none=True)
    key = Text(allow_none=True, min=1, max=63)
    position = Position()
    calendar_id = IdField(allow_none=True)


@pages.route("")
@requires("users.manage")
@pages.arguments(SearchQuery, location="query")
@pages.response(200, page_of(DepartmentSchema))
def list_departments(ask: dict[str, Any]) -> Any:
    """List departments; the tree is in `parent_id`."""
    with service().db.read() as connection:
        return page_of_departments(connection, ask)


@pages.route("", methods=["POST"])
@writes
@requires("users.manage")
@pages.arguments(NewDepartmentSchema)
@pages.response(201, DepartmentSchema)
def create(body: dict[str, Any], uow: Any) -> Any:
    """Add a department."""
    found = usecases.create_department(service(), uow, current_principal(), body)
    return found, 201, {"ETag": etag(found["version"]), "Location": f"/api/gateway/v1/departments/{found['id']}"}


@pages.route("/<id>")
@requires("users.manage")
@pages.response(200, DepartmentSchema)
def show(id: str) -> Any:
    """Return a department."""
    with service().db.read() as connection:
        found = find(connection, known_id(id, "department"))
    if found is None:
        raise not_found("department")
    return found, 200, {"ETag": etag(found["version"])}


@pages.route("/<id>", methods=["PATCH"])
@writes
@requires("users.manage")
@pages.arguments(ChangedDepartmentSchema)
@pages.response(200, DepartmentSchema)
def change(body: dict[str, Any], id: str, uow: Any) -> Any:
    """Rename or move a department."""
    found = usecases.update_department(service(), uow, current_principal(), known_id(id, "department"), body,
                                       expected_version())
    return found, 200, {"ETag": etag(found["version"])}


@pages.route("/<id>", methods=["DELETE"])
@writes
@requires("users.manage")
@pages.response(204)
def delete(id: str, uow: Any) -> None:
    """Remove an empty department."""
    usecases.delete_department(service(), uow, current_principal(), known_id(id, "department"), expected_version())
