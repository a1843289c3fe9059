"""Templates: the texts of messages, with a preview."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import Schema, fields
from marshmallow.validate import OneOf, Range

from chassis.auth import requires, requires_any
from chassis.db import UnitOfWork
from chassis.http.openapi import ServiceBlueprint
from chassis.http.parsing import LocalText, StrictSchema, Text
from chassis.http.problem import FieldProblem, invalid, not_found
from chassis.http.writes import writes
from services.notify.api.people import live_service, person, reader_of
from services.notify.model.channels import CHANNELS
from services.notify.model.templates import Reader, of_channel, render
from services.notify.queries.templates import find_template, list_templates
from services.notify.usecases.templates import put_template

templates = ServiceBlueprint("templates", __name__, url_prefix="/v1/templates", description="Texts of messages")

_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}\Z")


class ChannelTextsSchema(StrictSchema):
    """Texts for one channel in place of the common ones, such as a short one for SMS."""

    subject = LocalText()
    body = LocalText(max=4000)


class TemplateBodySchema(StrictSchema):
    """The texts of a template; `{name}` places are filled from the notification."""

    name = LocalText(required=True)
    subject = LocalText(required=True)
    body = LocalText(required=True, max=4000)
    digest_subject = LocalText(required=True)
    digest_body = LocalText(required=True, max=4000)
    channels = fields.Dict(keys=fields.String(validate=OneOf(CHANNELS)), values=fields.Nested(ChannelTextsSchema),
                           metadata={"description": "texts of their own, by channel; left out, they stay"})


class TemplateSchema(Schema):
    """A template as it stands."""

    key = fields.String(required=True)
    name = fields.Dict(required=True)
    subject = fields.Dict(required=True)
    body = fields.Dict(required=True)
    digest_subject = fields.Dict(required=True)
    digest_body = fields.Dict(required=True)
    channels = fields.Dict(required=True)
    built_in = fields.Boolean(required=True)
    version = fields.Integer(required=True)
    updated_at = fields.String(required=True, allow_none=True)


class TemplatesSchema(Schema):
    """All templates."""

    items = fields.List(fields.Nested(TemplateSchema), required=True)


class PreviewSchema(StrictSchema):
    """What to fill in: the parameters of a notification, and how many there were."""

    params = fields.Dict(load_default=dict)
    count = fields.Integer(load_default=1, validate=Range(1, 1_000_000))
    locale = Text(max=10, load_default=None, allow_none=True)
    channel = fields.String(load_default=None, allow_none=True, validate=OneOf(CHANNELS))


class RenderedSchema(Schema):
    """A message as its reader sees it."""

    subject = fields.String(required=True)
    body = fields.String(required=True)


@templates.route("")
@requires_any("templates.manage", "rules.manage")
@templates.response(200, TemplatesSchema)
def list_all() -> Any:
    """List all templates; who writes rules chooses among them."""
    with live_service().db.read() as connection:
        return {"items": list_templates(connection)}


@templates.route("/<key>")
@requires("templates.manage")
@templates.response(200, TemplateSchema)
def get(key: str) -> Any:
    """Show one template."""
    return _found(key)


@templates.route("/<key>", methods=["PUT"])
@writes
@requires("templates.manage")
@templates.arguments(TemplateBodySchema)
@templates.response(200, TemplateSchema)
def put(body: dict[str, Any], key: str, uow: UnitOfWork) -> Any:
    """Write a template."""
    if not _KEY.match(key):
        raise invalid(FieldProblem("/key", "wrong_type"))
    known = find_template(uow.connection, key)
    put_template(uow, key, {"channels": known["channels"] if known else {}} | body)
    return find_template(uow.connection, key)


@templates.route("/<key>/preview", methods=["POST"])
@requires("templates.manage")
@templates.arguments(PreviewSchema)
@templates.response(200, RenderedSchema)
def preview(wanted: dict[str, Any], key: str) -> Any:
    """Show what a reader would get."""
    reader = reader_of(person())
    reader = Reader(wanted["locale"] or reader.locale, reader.timezone)
    return render(of_channel(_found(key), wanted["channel"]), wanted["params"], wanted["count"], reader)


def _found(key: str) -> dict[str, Any]:
    with live_service().db.read() as connection:
        found = find_template(connection, key) if _KEY.match(key) else None
    if found is None:
        raise not_found("template")
    return found
