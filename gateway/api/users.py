"""`/v1/users`."""

from __future__ import annotations

from typing import Any

from flask import g
from marshmallow import Schema, fields
from marshmallow.validate import Length

from chassis.auth.guard import current_principal, requires
from chassis.http.etag import etag, expected_version
from chassis.http.openapi import ServiceBlueprint, page_of
from chassis.http.parsing import IdField, StrictSchema, Text
from chassis.http.problem import not_found
from chassis.http.writes import writes
from chassis.jsonio import dumps
from gateway.api.requests import PatchSchema, SearchQuery, known_id, service
from gateway.model.passwords import MAX_LENGTH
from gateway.queries.users import find, page_of_users
from gateway.usecases import users as usecases
from gateway.usecases.api_keys import refuse_keys
from gateway.usecases.passwords import reset_password
from gateway.usecases.sign_in import sign_out_user

pages = ServiceBlueprint("users", __name__, url_prefix="/v1/users", description="People who may sign in")


_RULES = {"description": "object → field → none, masked, read or write, in place of what the roles say",
          "example": {"lead": {"expected_amount": "masked"}}}


class UserSchema(Schema):
    """A user."""

    id = fields.String(required=True)
    username = fields.String(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    department_id = fields.String(required=True, allow_none=True)
    role_ids = fields.List(fields.String(), required=True)
    locale = fields.String(required=True, allow_none=True)
    timezone = fields.String(required=True, allow_none=True)
    field_rules = fields.Dict(required=True, metadata=_RULES)
    active = fields.Boolean(required=True)
    must_change_password = fields.Boolean(required=True)
    last_sign_in_at = fields.AwareDateTime(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)
    version = fields.Integer(required=True)


class CreatedUserSchema(UserSchema):
    """A new user; `initial_password` stands there once, when none was given."""

    initial_password = fields.String()


class NewUserSchema(StrictSchema):
    """A user to be made."""

    username = Text(required=True, min=1, max=64)
    name = Text(required=True, min=1, max=100)
    email = Text(max=254, allow_none=True)
    phone = Text(max=40, allow_none=True)
    department_id = IdField(allow_none=True)
    role_ids = fields.List(IdField(), load_default=list, validate=Length(max=50))
    locale = Text(max=20, allow_none=True)
    timezone = Text(max=60, allow_none=True)
    field_rules = fields.Dict(metadata=_RULES)
    password = Text(max=MAX_LENGTH)


class ChangedUserSchema(PatchSchema):
    """Members to change."""

    username = Text(min=1, max=64)
    name = Text(min=1, max=100)
    email = Text(max=254, allow_none=True)
    phone = Text(max=40, allow_none=True)
    department_id = IdField(allow_none=True)
    role_ids = fields.List(IdField(), validate=Length(max=50))
    locale = Text(max=20, allow_none=True)
    timezone = Text(max=60, allow_none=True)
    field_rules = fields.Dict(metadata=_RULES)
    active = fields.Boolean(truthy={True}, falsy={False})


class UsersQuery(SearchQuery):
    """Which users to list."""

    department_id = IdField(load_default=None)
    role_id = IdField(load_default=None)
    active = fields.Boolean(load_default=None)


class NewPasswordSchema(Schema):
    """A password that is shown once."""

    initial_password = fields.String(required=True)


@pages.route("")
@requires("users.manage")
@pages.arguments(UsersQuery, location="query")
@pages.response(200, page_of(UserSchema))
def list_users(ask: dict[str, Any]) -> Any:
    """List users by name."""
    with service().db.read() as connection:
        return page_of_users(connection, ask)


@pages.route("", methods=["POST"])
@writes
@requires("users.manage")
@pages.arguments(NewUserSchema)
@pages.response(201, CreatedUserSchema)
def create(body: dict[str, Any], uow: Any) -> Any:
    """Add a user."""
    user, password = usecases.create_user(service(), uow, current_principal(), body)
    if password is not None:
        g.remember_instead = dumps(CreatedUserSchema().dump(user))
        user = user | {"initial_password": password}
    return user, 201, {"ETag": etag(user["version"]), "Location": f"/api/gateway/v1/users/{user['id']}"}


@pages.route("/<id>")
@requires("users.manage")
@pages.response(200, UserSchema)
def show(id: str) -> Any:
    """Return a user."""
    with service().db.read() as connection:
        user = find(connection, known_id(id, "user"))
    if user is None:
        raise not_found("user")
    return user, 200, {"ETag": etag(user["version"])}


@pages.route("/<id>", methods=["PATCH"])
@writes
@requires("users.manage")
@pages.arguments(ChangedUserSchema)
@pages.response(200, UserSchema)
def change(body: dict[str, Any], id: str, uow: Any) -> Any:
    """Change a user."""
    user = usecases.update_user(service(), uow, current_principal(), known_id(id, "user"), body, expected_version())
    return user, 200, {"ETag": etag(user["version"])}


@pages.route("/<id>", methods=["DELETE"])
@writes
@requires("users.manage")
@pages.response(204)
def deactivate(id: str, uow: Any) -> None:
    """Close a user's account."""
    usecases.deactivate_user(service(), uow, current_principal(), known_id(id, "user"), expected_version())


@pages.route("/<id>/reset-password", methods=["POST"])
@writes
@requires("users.manage")
@pages.response(200, NewPasswordSchema)
def reset(id: str, uow: Any) -> Any:
    """Give a user a new password that is made up; all his sessions end."""
    refuse_keys(current_principal())
    g.remember_instead = dumps({"initial_password": ""})
    return {"initial_password": reset_password(service(), uow, current_principal(), known_id(id, "user"))}


@pages.route("/<id>/sign-out", methods=["POST"])
@writes
@requires("users.manage")
@pages.response(204)
def sign_out(id: str, uow: Any) -> None:
    """End all sessions of a user."""
    user = usecases.existing(uow, known_id(id, "user"))
    sign_out_user(service(), uow, current_principal(), user["id"])
