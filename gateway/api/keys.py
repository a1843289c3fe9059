"""`/v1/keys`: API keys."""

from __future__ import annotations

from typing import Any

from flask import g
from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf

from chassis.auth.guard import current_principal, requires, service_only
from chassis.http.openapi import PageQuery, ServiceBlueprint, page_of
from chassis.http.parsing import IdField, StrictSchema, Text
from chassis.http.problem import Problem
from chassis.http.writes import writes
from chassis.jsonio import dumps
from gateway.api.requests import known_id, service
from gateway.model.api_keys import SCOPES
from gateway.queries.api_keys import find, page_of_keys
from gateway.usecases import api_keys as usecases

pages = ServiceBlueprint("keys", __name__, url_prefix="/v1/keys", description="API keys of programs")


class KeySchema(Schema):
    """An API key, without its secret."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    user_id = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    created_at = fields.AwareDateTime(required=True)
    created_by = fields.String(required=True)
    expires_at = fields.AwareDateTime(required=True, allow_none=True)
    last_used_at = fields.AwareDateTime(required=True, allow_none=True)


class CreatedKeySchema(KeySchema):
    """A new key; `key` stands there once."""

    key = fields.String()


class NewKeySchema(StrictSchema):
    """A key to be made, for oneself or for `user_id`."""

    name = Text(required=True, min=1, max=100)
    scopes = fields.List(fields.String(validate=OneOf(SCOPES)), required=True, validate=Length(min=1, max=len(SCOPES)))
    expires_at = fields.AwareDateTime(format="iso", load_default=None, allow_none=True)
    user_id = IdField(load_default=None, allow_none=True)


class KeysQuery(PageQuery):
    """Whose keys to list."""

    user_id = IdField(load_default=None)


class ExchangeSchema(StrictSchema):
    """A key that somebody sent to a service."""

    key = Text(required=True, max=200)


class ExchangedSchema(Schema):
    """A short access token in the name of the key's user."""

    access_token = fields.String(required=True)
    expires_in = fields.Integer(required=True)


@pages.route("")
@requires("keys.manage")
@pages.arguments(KeysQuery, location="query")
@pages.response(200, page_of(KeySchema))
def list_keys(ask: dict[str, Any]) -> Any:
    """List living keys, newest first."""
    with service().db.read() as connection:
        return page_of_keys(connection, ask)


@pages.route("", methods=["POST"])
@writes
@requires("keys.manage")
@pages.arguments(NewKeySchema)
@pages.response(201, CreatedKeySchema)
def create(body: dict[str, Any], uow: Any) -> Any:
    """Make a key."""
    usecases.refuse_keys(current_principal())
    id, key = usecases.create_key(service(), uow, current_principal(), body)
    made = find(uow.connection, id)
    g.remember_instead = dumps(CreatedKeySchema().dump(made))
    return made | {"key": key}, 201, {"Location": f"/api/gateway/v1/keys/{id}"}


@pages.route("/<id>", methods=["DELETE"])
@writes
@requires("keys.manage")
@pages.response(204)
def revoke(id: str, uow: Any) -> None:
    """End a key at once."""
    usecases.revoke_key(service(), uow, current_principal(), known_id(id, "API key"))


@pages.route("/exchange", methods=["POST"])
@service_only
@pages.arguments(ExchangeSchema)
@pages.response(200, ExchangedSchema)
def exchange(body: dict[str, Any]) -> Any:
    """Exchange a key for an access token; for services only."""
    made = usecases.exchange(service(), body["key"])
    if made is None:
        raise Problem(404, "unknown_key")
    return {"access_token": made[0], "expires_in": made[1]}
