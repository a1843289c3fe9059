"""`/v1/webhooks`: addresses of other programs that are told of changes, their logs, tests and replays."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

from flask import Response, g
from sqlalchemy import select

from chassis.auth import current_principal, requires
from chassis.db import UnitOfWork
from chassis.http.etag import etag
from chassis.http.openapi import PageQuery, ServiceBlueprint
from chassis.http.paging import list_page
from chassis.http.writes import writes
from chassis.jsonio import dump_bytes, dumps
from services.notify.api import webhook_schemas as schemas
from services.notify.api.people import live_service
from services.notify.queries.webhooks import find_webhook, messages_of, shown_messages, shown_webhook
from services.notify.store.tables import webhook, webhook_message
from services.notify.usecases.webhooks.managing import (
    change_webhook,
    create_webhook,
    delete_webhook,
    rotate_secret,
)
from services.notify.usecases.webhooks.replaying import MOST_AT_ONCE, add_test, replay_one, replay_span
from services.notify.usecases.webhooks.sending import send_at_once

webhooks = ServiceBlueprint("webhooks", __name__, url_prefix="/v1/webhooks", description="Programs that are told")

_ORDER = ((webhook.c.created_at, False), (webhook.c.id, False))
_NEWEST = ((webhook_message.c.created_at, True), (webhook_message.c.id, True))


@webhooks.route("")
@requires("keys.manage")
@webhooks.arguments(PageQuery, location="query")
@webhooks.response(200, schemas.WebhookPageSchema)
def list_all(query: dict[str, Any]) -> Any:
    """List webhooks."""
    with live_service().db.read() as connection:
        return list_page(connection, select(webhook), _ORDER, limit=query["limit"], cursor=query["cursor"],
                         render=shown_webhook)


@webhooks.route("", methods=["POST"])
@writes
@requires("keys.manage")
@webhooks.arguments(schemas.NewWebhookSchema)
@webhooks.response(201, schemas.MadeWebhookSchema)
def create(body: dict[str, Any], uow: UnitOfWork) -> Any:
    """Make a webhook; its secret is shown this once."""
    row, secret = create_webhook(live_service(), uow, current_principal(), body)
    shown = shown_webhook(row)
    g.remember_instead = dumps(shown)
    response = _answer(shown | {"secret": secret}, 201)
    response.headers["Location"] = f"/api/notify/v1/webhooks/{row.id}"
    return response


@webhooks.route("/<id>")
@requires("keys.manage")
@webhooks.response(200, schemas.WebhookSchema)
def get(id: str) -> Any:
    """Show a webhook."""
    with live_service().db.read() as connection:
        return _answer(shown_webhook(find_webhook(connection, id)))


@webhooks.route("/<id>", methods=["PATCH"])
@writes
@requires("keys.manage")
@webhooks.arguments(schemas.WebhookChangeSchema)
@webhooks.response(200, schemas.WebhookSchema)
def change(body: dict[str, Any], id: str, uow: UnitOfWork) -> Any:
    """Change a webhook, switch it off, or on again."""
    return _answer(shown_webhook(change_webhook(live_service(), uow, current_principal(), id, body)))


@webhooks.route("/<id>", methods=["DELETE"])
@writes
@requires("keys.manage")
@webhooks.response(204)
def delete(id: str, uow: UnitOfWork) -> None:
    """Take a webhook away, with what waits for it."""
    delete_webhook(live_service(), uow, current_principal(), id)


@webhooks.route("/<id>/secret", methods=["POST"])
@writes
@requires("keys.manage")
@webhooks.arguments(schemas.RotationSchema)
@webhooks.response(200, schemas.SecretSchema)
def rotate(body: dict[str, Any], id: str, uow: UnitOfWork) -> Any:
    """Make a new secret, shown this once; the present one signs beside it for some hours."""
    secret = rotate_secret(live_service(), uow, current_principal(), id, timedelta(hours=body["overlap_hours"]))
    g.remember_instead = dumps({"secret": ""})
    return {"secret": secret}


@webhooks.route("/<id>/test", methods=["POST"])
@requires("keys.manage")
@webhooks.response(200, schemas.MessageSchema)
def test(id: str) -> Any:
    """Send a message that says only that it is a test, now, and tell what came of it."""
    service = live_service()
    with service.db.unit_of_work() as uow:
        hook, message = add_test(uow, id)
    send_at_once(service, hook, message)
    with service.db.read() as connection:
        rows = connection.execute(select(webhook_message).where(webhook_message.c.id == message)).all()
        return shown_messages(connection, rows)[0]


@webhooks.route("/<id>/messages")
@requires("keys.manage")
@webhooks.arguments(schemas.MessageQuery, location="query")
@webhooks.response(200, schemas.MessagePageSchema)
def messages(query: dict[str, Any], id: str) -> Any:
    """List what a webhook was told, newest first, and what the other side answered."""
    with live_service().db.read() as connection:
        page = list_page(connection, messages_of(find_webhook(connection, id).id, query), _NEWEST,
                         limit=query["limit"], cursor=query["cursor"], render=lambda row: row)
        return page | {"items": shown_messages(connection, page["items"])}


@webhooks.route("/<id>/messages/<message_id>/replay", methods=["POST"])
@writes
@requires("keys.manage")
@webhooks.response(204)
def replay_message(id: str, message_id: str, uow: UnitOfWork) -> None:
    """Send one message again, under its old id."""
    replay_one(live_service(), uow, id, message_id)


@webhooks.route("/<id>/replay", methods=["POST"])
@writes
@requires("keys.manage")
@webhooks.arguments(schemas.SpanSchema)
@webhooks.response(200, schemas.ReplayedSchema)
def replay(body: dict[str, Any], id: str, uow: UnitOfWork) -> Any:
    """Send the messages of a span of time again, the oldest first, as far as they go at once."""
    count = replay_span(live_service(), uow, current_principal(), id, body["since"].astimezone(UTC),
                        body["until"].astimezone(UTC), failed_only=body["failed_only"])
    return {"count": count, "most": MOST_AT_ONCE}


def _answer(shown: dict[str, Any], status: int = 200) -> Response:
    response = Response(dump_bytes(shown), status, content_type="application/json")
    response.headers["ETag"] = etag(shown["version"])
    return response
