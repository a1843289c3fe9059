"""Templates of mail to customers: texts with expressions over a record, with a preview on a real one."""

from __future__ import annotations

import re
from typing import Any

from flask import request
from marshmallow import Schema, fields
from marshmallow.validate import OneOf, Regexp

from chassis.auth import requires, requires_any
from chassis.calls import Answer
from chassis.db import UnitOfWork
from chassis.http.openapi import ServiceBlueprint
from chassis.http.parsing import IdField, LocalText, StrictSchema, Text
from chassis.http.problem import FieldProblem, Problem, invalid, not_found
from chassis.http.writes import writes
from chassis.i18n import LOCALES
from services.notify.api.people import live_service
from services.notify.model.mail_texts import LONGEST_BODY
from services.notify.queries.mail_templates import find_mail_template, list_mail_templates
from services.notify.usecases.mails.composing import Composer, CustomerAway
from services.notify.usecases.mails.templates import check_texts, delete_mail_template, put_mail_template

mail_templates = ServiceBlueprint("mail_templates", __name__, url_prefix="/v1/mail-templates",
                                  description="Texts of mail to customers")

_KEY = re.compile(r"[a-z][a-z0-9_.]{0,59}\Z")
_NAME = Regexp(r"[a-z][a-z0-9_]{0,59}\Z", error="wrong_type")


class MailTemplateBodySchema(StrictSchema):
    """A text about records of one object; places are `{{ expression }}`."""

    name = LocalText(required=True)
    object = Text(required=True, max=60, validate=_NAME)
    subject = LocalText(required=True)
    body = LocalText(required=True, max=LONGEST_BODY)
    purpose = Text(max=60, load_default=None, allow_none=True, metadata={
        "description": "of marketing: the recipient must have agreed to it; null: it answers the customer"})
    language_field = Text(max=60, load_default=None, allow_none=True, validate=_NAME, metadata={
        "description": "the field of the recipient that says his language; null: the company's"})


class MailTemplateSchema(Schema):
    """A template as it stands."""

    key = fields.String(required=True)
    name = fields.Dict(required=True)
    object = fields.String(required=True)
    subject = fields.Dict(required=True)
    body = fields.Dict(required=True)
    purpose = fields.String(required=True, allow_none=True)
    language_field = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)
    updated_at = fields.String(required=True)


class MailTemplatesSchema(Schema):
    """All templates."""

    items = fields.List(fields.Nested(MailTemplateSchema), required=True)


class MailPreviewSchema(StrictSchema):
    """The record that the message would be about, and texts that are just being written."""

    record_id = IdField(required=True)
    locale = Text(max=10, load_default="en", validate=OneOf(LOCALES))
    draft = fields.Nested(MailTemplateBodySchema, load_default=None, allow_none=True)


class MailShownSchema(Schema):
    """A message as its recipient would see it."""

    subject = fields.String(required=True)
    body = fields.String(required=True)


@mail_templates.route("")
@requires_any("templates.manage", "rules.manage", "campaigns.run")
@mail_templates.response(200, MailTemplatesSchema)
def list_all() -> Any:
    """List all templates; who writes rules or runs campaigns chooses among them."""
    with live_service().db.read() as connection:
        return {"items": list_mail_templates(connection)}


@mail_templates.route("/<key>")
@requires_any("templates.manage", "rules.manage", "campaigns.run")
@mail_templates.response(200, MailTemplateSchema)
def get(key: str) -> Any:
    """Show one template."""
    return _found(key)


@mail_templates.route("/<key>", methods=["PUT"])
@writes
@requires("templates.manage")
@mail_templates.arguments(MailTemplateBodySchema)
@mail_templates.response(200, MailTemplateSchema)
def put(body: dict[str, Any], key: str, uow: UnitOfWork) -> Any:
    """Write a template; every expression must be one over the fields of its object."""
    if not _KEY.match(key):
        raise invalid(FieldProblem("/key", "wrong_type"))
    put_mail_template(uow, Composer(live_service()), key, body)
    return find_mail_template(uow.connection, key)


@mail_templates.route("/<key>", methods=["DELETE"])
@writes
@requires("templates.manage")
@mail_templates.response(204)
def remove(key: str, uow: UnitOfWork) -> None:
    """Take a template away."""
    delete_mail_template(uow, key)


@mail_templates.route("/<key>/preview", methods=["POST"])
@requires_any("templates.manage", "rules.manage", "campaigns.run")
@mail_templates.arguments(MailPreviewSchema)
@mail_templates.response(200, MailShownSchema)
def preview(wanted: dict[str, Any], key: str) -> Any:
    """Show what would be sent about a record, as far as the caller may see it; nothing is sent."""
    composer = Composer(live_service(), as_caller)
    template = wanted["draft"] or _found(key)
    check_texts(composer, template)
    try:
        record = composer.record(template["object"], wanted["record_id"])
        if record is None:
            raise not_found("record")
        return composer.filled(template, record, wanted["locale"])
    except CustomerAway:
        raise Problem(503, "unavailable", headers={"Retry-After": "2"}) from None


def as_caller(path: str) -> Answer:
    """Nobody learns from a preview what he may not see."""
    answer: Answer = live_service().calls.request("customer", "GET", path, anonymous=True,
                                                  headers={"Authorization": request.headers["Authorization"]})
    return answer


def _found(key: str) -> dict[str, Any]:
    with live_service().db.read() as connection:
        found = find_mail_template(connection, key) if _KEY.match(key) else None
    if found is None:
        raise not_found("template")
    return found
