"""Mailboxes of the company: set up, tried, and what came in."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf, Range, Regexp
from sqlalchemy import select

from chassis.auth import current_principal, requires
from chassis.clock import to_wire
from chassis.db import UnitOfWork
from chassis.http.etag import etag
from chassis.http.openapi import PageQuery, ServiceBlueprint, page_of
from chassis.http.paging import list_page
from chassis.http.parsing import StrictSchema, Text
from chassis.http.problem import not_found
from chassis.http.writes import writes
from chassis.ids import is_id
from chassis.jsonio import dump_bytes
from services.notify.api.people import live_service
from services.notify.store.tables import incoming_mail, mailbox
from services.notify.usecases.mailboxes.managing import change_mailbox, create_mailbox, delete_mailbox, try_mailbox

mailboxes = ServiceBlueprint("mailboxes", __name__, url_prefix="/v1/mailboxes", description="Mail that comes in")

_ORDER = ((mailbox.c.created_at, False), (mailbox.c.id, False))
_NEWEST = ((incoming_mail.c.at, True), (incoming_mail.c.id, True))
KINDS = ("tickets", "bounces")
_SECURITY = ("tls", "starttls", "none")


class Presets(fields.Dict):
    """Values that new tickets get: at most ten texts by the names of fields."""

    def __init__(self, **kwargs: Any) -> None:
        name = Text(max=60, validate=Regexp(r"[a-z][a-z0-9_]*\Z", error="wrong_type"))
        super().__init__(keys=name, values=Text(max=200), validate=Length(max=10), **kwargs)


class MailboxChangeSchema(StrictSchema):
    """Members to be changed; the password is never shown."""

    name = Text(min=1, max=100)
    kind = Text(max=10, validate=OneOf(KINDS))
    address = fields.Email(validate=Length(max=254), metadata={"description": "what customers write to"})
    host = Text(max=253, validate=Regexp(r"[A-Za-z0-9.:-]+\Z", error="wrong_type"))
    port = fields.Integer(validate=Range(1, 65535))
    security = Text(max=10, validate=OneOf(_SECURITY))
    username = Text(min=1, max=200)
    password = Text(min=1, max=500)
    folder = Text(min=1, max=200)
    presets = Presets(metadata={"description": "values that new tickets get, such as `{\"priority\": \"high\"}`"})
    active = fields.Boolean()


class NewMailboxSchema(StrictSchema):
    """A mailbox to be read."""

    name = Text(min=1, max=100, required=True)
    kind = Text(max=10, load_default="tickets", validate=OneOf(KINDS), metadata={
        "description": "`bounces`: only reports of failed delivery are read, nothing becomes a ticket"})
    address = fields.Email(required=True, validate=Length(max=254), metadata={"description": "what customers write to"})
    host = Text(max=253, required=True, validate=Regexp(r"[A-Za-z0-9.:-]+\Z", error="wrong_type"))
    port = fields.Integer(load_default=993, validate=Range(1, 65535))
    security = Text(max=10, load_default="tls", validate=OneOf(_SECURITY))
    username = Text(min=1, max=200, required=True)
    password = Text(min=1, max=500, required=True)
    folder = Text(min=1, max=200, load_default="INBOX")
    presets = Presets(load_default=dict)
    active = fields.Boolean(load_default=True)


class MailboxSchema(Schema):
    """A mailbox and how the reading goes; `problem` is why it does not, `said` what the server answered."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    address = fields.String(required=True)
    host = fields.String(required=True)
    port = fields.Integer(required=True)
    security = fields.String(required=True)
    username = fields.String(required=True)
    folder = fields.String(required=True)
    presets = fields.Dict(required=True)
    active = fields.Boolean(required=True)
    problem = fields.String(required=True, allow_none=True)
    said = fields.String(required=True, allow_none=True)
    failures = fields.Integer(required=True)
    checked_at = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)


class TriedSchema(Schema):
    """Whether it can be read, and how many messages lie in the folder."""

    works = fields.Boolean(required=True)
    problem = fields.String(required=True, allow_none=True)
    said = fields.String(required=True, allow_none=True)
    messages = fields.Integer(required=True, allow_none=True)


class IncomingSchema(Schema):
    """One message that came in, and what became of it."""

    id = fields.String(required=True)
    address = fields.String(required=True, allow_none=True)
    subject = fields.String(required=True, allow_none=True)
    outcome = fields.String(required=True)
    record_id = fields.String(required=True, allow_none=True)
    detail = fields.String(required=True, allow_none=True)
    at = fields.String(required=True)


@mailboxes.route("")
@requires("keys.manage")
@mailboxes.arguments(PageQuery, location="query")
@mailboxes.response(200, page_of(MailboxSchema))
def list_all(query: dict[str, Any]) -> Any:
    """List mailboxes."""
    with live_service().db.read() as connection:
        return list_page(connection, select(mailbox), _ORDER, limit=query["limit"], cursor=query["cursor"],
                         render=_shown)


@mailboxes.route("", methods=["POST"])
@writes
@requires("keys.manage")
@mailboxes.arguments(NewMailboxSchema)
@mailboxes.response(201, MailboxSchema)
def create(body: dict[str, Any], uow: UnitOfWork) -> Any:
    """Set up a mailbox; what comes from now on becomes tickets."""
    return _answer(create_mailbox(live_service(), uow, current_principal(), body), 201)


@mailboxes.route("/<id>", methods=["PATCH"])
@writes
@requires("keys.manage")
@mailboxes.arguments(MailboxChangeSchema)
@mailboxes.response(200, MailboxSchema)
def change(body: dict[str, Any], id: str, uow: UnitOfWork) -> Any:
    """Change a mailbox; another server or account needs the password again."""
    return _answer(change_mailbox(live_service(), uow, current_principal(), id, body))


@mailboxes.route("/<id>", methods=["DELETE"])
@writes
@requires("keys.manage")
@mailboxes.response(204)
def remove(id: str, uow: UnitOfWork) -> None:
    """Take a mailbox away with its log; tickets stay."""
    delete_mailbox(uow, current_principal(), id)


@mailboxes.route("/<id>/test", methods=["POST"])
@requires("keys.manage")
@mailboxes.response(200, TriedSchema)
def test(id: str) -> Any:
    """Try to read a mailbox; nothing is taken in."""
    return try_mailbox(live_service(), id)


@mailboxes.route("/<id>/messages")
@requires("keys.manage")
@mailboxes.arguments(PageQuery, location="query")
@mailboxes.response(200, page_of(IncomingSchema))
def messages(query: dict[str, Any], id: str) -> Any:
    """List what came in, newest first, and what became of it."""
    statement = select(incoming_mail).where(incoming_mail.c.mailbox_id == id)
    with live_service().db.read() as connection:
        if not is_id(id) or connection.execute(select(mailbox.c.id).where(mailbox.c.id == id)).first() is None:
            raise not_found("mailbox")
        return list_page(connection, statement, _NEWEST, limit=query["limit"], cursor=query["cursor"],
                         render=_came)


def _answer(row: Any, status: int = 200) -> Response:
    return Response(dump_bytes(_shown(row)), status, content_type="application/json",
                    headers={"ETag": etag(row.version)})


def _shown(row: Any) -> dict[str, Any]:
    names = ("id", "name", "kind", "address", "host", "port", "security", "username", "folder", "presets", "active",
             "problem", "said", "failures", "version")
    return {name: row._mapping[name] for name in names} | {
        "checked_at": to_wire(row.checked_at) if row.checked_at else None}


def _came(row: Any) -> dict[str, Any]:
    names = ("id", "address", "subject", "outcome", "record_id", "detail")
    return {name: row._mapping[name] for name in names} | {"at": to_wire(row.at)}
