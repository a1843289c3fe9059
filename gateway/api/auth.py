"""`/api/auth`: sign-in, renewal, sign-out, and the person behind the session."""

from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import Schema, fields

from chassis.auth.guard import before_own_password, current_principal, public
from chassis.http.openapi import ServiceBlueprint
from chassis.http.parsing import LocalText, StrictSchema, Text
from chassis.http.writes import writes
from gateway.api.requests import PatchSchema, require_person, service
from gateway.model.passwords import MAX_LENGTH
from gateway.queries.me import describe
from gateway.usecases import sign_in as usecases
from gateway.usecases.api_keys import refuse_keys
from gateway.usecases.passwords import change_password, prove_password
from gateway.usecases.users import update_profile

pages = ServiceBlueprint("sign-in", __name__, url_prefix="/api/auth", description="Sign-in and one's own account")


class LoginSchema(StrictSchema):
    """Who signs in."""

    username = Text(required=True, min=1, max=200)
    password = Text(required=True, min=1, max=MAX_LENGTH)


class RefreshSchema(StrictSchema):
    """The refresh token received last."""

    refresh_token = Text(required=True, min=1, max=200)


class LogoutSchema(StrictSchema):
    """`everywhere` ends the sessions on all devices."""

    everywhere = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class TokensSchema(Schema):
    """A pair of tokens; the refresh token works once."""

    access_token = fields.String(required=True)
    refresh_token = fields.String(required=True)
    token_type = fields.String(required=True)
    expires_in = fields.Integer(required=True)


class AccessSchema(Schema):
    """An access token of the present session; its refresh token stays as it is."""

    access_token = fields.String(required=True)
    token_type = fields.String(required=True)
    expires_in = fields.Integer(required=True)


class ProfileSchema(PatchSchema):
    """What a person may change of himself."""

    name = Text(min=1, max=100)
    email = Text(max=254, allow_none=True)
    locale = Text(max=20, allow_none=True)
    timezone = Text(max=60, allow_none=True)


class PasswordSchema(StrictSchema):
    """The present password and the one to come."""

    current = Text(required=True, min=1, max=MAX_LENGTH)
    new = Text(required=True, min=1, max=MAX_LENGTH)


class NamedSchema(Schema):
    """An entity by id and name."""

    id = fields.String(required=True)
    name = fields.String(required=True)


class MyRoleSchema(Schema):
    """A role that the caller holds."""

    id = fields.String(required=True)
    key = fields.String(required=True)
    name = LocalText(required=True)


class MeSchema(Schema):
    """The caller and what he may do."""

    id = fields.String(required=True)
    username = fields.String(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True, allow_none=True)
    locale = fields.String(required=True)
    timezone = fields.String(required=True)
    department = fields.Nested(NamedSchema, required=True, allow_none=True)
    roles = fields.List(fields.Nested(MyRoleSchema), required=True)
    permissions = fields.List(fields.String(), required=True)
    objects = fields.Dict(keys=fields.String(), values=fields.Dict(), required=True)
    must_change_password = fields.Boolean(required=True)


@pages.route("/login", methods=["POST"])
@public
@pages.arguments(LoginSchema)
@pages.response(200, TokensSchema)
@pages.doc(security=[])
def login(body: dict[str, Any]) -> Any:
    """Sign in."""
    return usecases.sign_in(service(), body["username"], body["password"], request.remote_addr or "unknown",
                            request.headers.get("User-Agent", ""))


@pages.route("/refresh", methods=["POST"])
@public
@pages.arguments(RefreshSchema)
@pages.response(200, TokensSchema)
@pages.doc(security=[])
def refresh(body: dict[str, Any]) -> Any:
    """Exchange the refresh token for a new pair."""
    return usecases.refresh(service(), body["refresh_token"])


@pages.route("/logout", methods=["POST"])
@before_own_password
@writes
@pages.arguments(LogoutSchema)
@pages.response(204)
def logout(body: dict[str, Any], uow: Any) -> None:
    """Sign out here, or everywhere."""
    require_person()
    refuse_keys(current_principal())
    usecases.sign_out(service(), uow, current_principal(), body["everywhere"])


@pages.route("/me")
@before_own_password
@pages.response(200, MeSchema)
def me() -> Any:
    """Return the caller and what he may do."""
    require_person()
    return describe(service(), current_principal())


@pages.route("/me", methods=["PATCH"])
@before_own_password
@pages.arguments(ProfileSchema)
@pages.response(200, MeSchema)
def change_me(body: dict[str, Any]) -> Any:
    """Change one's own name, address, language or time zone."""
    require_person()
    with service().db.unit_of_work() as uow:
        update_profile(service(), uow, current_principal(), body)
    return describe(service(), current_principal())


@pages.route("/password", methods=["POST"])
@before_own_password
@pages.arguments(PasswordSchema)
@pages.response(200, AccessSchema)
def password(body: dict[str, Any]) -> Any:
    """Change one's own password; other sessions end, and this one gets an access token that opens everything."""
    require_person()
    refuse_keys(current_principal())
    prove_password(service(), current_principal(), body["current"])
    with service().db.unit_of_work() as uow:
        token, seconds = change_password(service(), uow, current_principal(), body["new"])
    return {"access_token": token, "token_type": "Bearer", "expires_in": seconds}
