"""The inbox: list, count, read, and live by server-sent events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response
from marshmallow import Schema, fields

from chassis.db import UnitOfWork
from chassis.http.openapi import PageQuery, ServiceBlueprint, page_of
from chassis.http.paging import list_page
from chassis.http.problem import Problem, not_found
from chassis.http.writes import writes
from chassis.ids import is_id
from chassis.jsonio import dumps
from services.notify.api.people import live_service, person, reader_of
from services.notify.queries.inbox import count_unread, items_of, render_items
from services.notify.store.tables import inbox_item
from services.notify.usecases.read import read_all, read_one

inbox = ServiceBlueprint("inbox", __name__, url_prefix="/v1/inbox", description="What people are told")

_ORDER = ((inbox_item.c.updated_at, True), (inbox_item.c.id, True))


class LinkSchema(Schema):
    """The record that a message is about."""

    object = fields.String(required=True)
    id = fields.String(required=True)
    title = fields.String(allow_none=True)


class FileSchema(Schema):
    """A file that was made for the caller; the report service has it at `/v1/board-files/{id}`."""

    id = fields.String(required=True)
    name = fields.String(required=True)


class InboxItemSchema(Schema):
    """One thing that the caller was told; `count` above one is a digest."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    body = fields.String(required=True)
    template = fields.String(required=True)
    link = fields.Nested(LinkSchema, required=True, allow_none=True)
    file = fields.Nested(FileSchema, required=True, allow_none=True)
    count = fields.Integer(required=True)
    bulk = fields.String(required=True, allow_none=True)
    read_at = fields.String(required=True, allow_none=True)
    created_at = fields.String(required=True)
    updated_at = fields.String(required=True)


class InboxQuery(PageQuery):
    """Filters of the inbox."""

    unread = fields.Boolean(load_default=False)


class SummarySchema(Schema):
    """How much waits to be read; a thousand means that many or more."""

    unread = fields.Integer(required=True)


@inbox.route("")
@inbox.arguments(InboxQuery, location="query")
@inbox.response(200, page_of(InboxItemSchema))
def list_items(query: dict[str, Any]) -> dict[str, Any]:
    """List the caller's own items, newest first."""
    principal = person()
    with live_service().db.read() as connection:
        page = list_page(connection, items_of(principal.user_id or "", unread=query["unread"]), _ORDER,
                         limit=query["limit"], cursor=query["cursor"], render=lambda row: row)
        return page | {"items": render_items(connection, page["items"], reader_of(principal))}


@inbox.route("/summary")
@inbox.response(200, SummarySchema)
def summary() -> dict[str, int]:
    """Count what the caller has not read."""
    with live_service().db.read() as connection:
        return {"unread": count_unread(connection, person().user_id or "")}


@inbox.route("/<id>/read", methods=["POST"])
@writes
@inbox.response(204)
def read(id: str, uow: UnitOfWork) -> None:
    """Mark one item as read."""
    if not is_id(id) or not read_one(uow, person().user_id or "", id):
        raise not_found("message")


@inbox.route("/read-all", methods=["POST"])
@writes
@inbox.response(204)
def read_everything(uow: UnitOfWork) -> None:
    """Mark everything as read."""
    read_all(uow, person().user_id or "")


@inbox.route("/stream")
@inbox.doc(responses={"200": {"description": "Server-sent events: `inbox` with `{unread, item}`",
                              "content": {"text/event-stream": {"schema": {"type": "string"}}}}})
def stream() -> Response:
    """Follow the caller's inbox live; the connection ends after some minutes and may be opened again."""
    principal, service = person(), live_service()
    if service.parts["streams"].full:
        raise Problem(503, "streams_full", headers={"Retry-After": "30"})
    return Response(_events(service, principal), content_type="text/event-stream",
                    headers={"X-Accel-Buffering": "no", "Cache-Control": "no-store"})


def _events(service: Any, principal: Any) -> Iterator[str]:
    with service.db.read() as connection:
        yield _event({"unread": count_unread(connection, principal.user_id), "item": None})
    for row in service.parts["streams"].listen(principal.user_id):
        if row is None:
            yield ": still here\n\n"
            continue
        with service.db.read() as connection:
            item = render_items(connection, [row], reader_of(principal))[0]
            yield _event({"unread": count_unread(connection, principal.user_id), "item": item})


def _event(data: dict[str, Any]) -> str:
    return f"event: inbox\ndata: {dumps(data)}\n\n"
