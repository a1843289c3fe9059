"""`/v1/channels`: the accounts at providers of SMS, WeCom and DingTalk."""

from __future__ import annotations

from typing import Any

from flask import Response

from chassis.auth import current_principal, requires
from chassis.db import UnitOfWork
from chassis.http.etag import etag
from chassis.http.openapi import ServiceBlueprint
from chassis.http.problem import not_found
from chassis.http.writes import writes
from chassis.jsonio import dump_bytes
from services.notify.api import channel_schemas as schemas
from services.notify.api.people import live_service, person
from services.notify.model.channels import ACCOUNT_CHANNELS
from services.notify.queries.channels import shown_accounts
from services.notify.usecases.channels.managing import delete_account, put_account, try_channel

channels = ServiceBlueprint("channels", __name__, url_prefix="/v1/channels", description="Accounts of channels")


@channels.route("")
@requires("keys.manage")
@channels.response(200, schemas.ChannelListSchema)
def list_all() -> Any:
    """List channels with their accounts; secrets are never shown."""
    with live_service().db.read() as connection:
        return {"items": shown_accounts(connection)}


@channels.route("/<channel>", methods=["PUT"])
@writes
@requires("keys.manage")
@channels.arguments(schemas.AccountBodySchema)
@channels.response(200, schemas.ChannelSchema)
def put(body: dict[str, Any], channel: str, uow: UnitOfWork) -> Any:
    """Set the account of a channel up, or change it as a whole."""
    put_account(live_service(), uow, current_principal(), _known(channel), body)
    [shown] = [one for one in shown_accounts(uow.connection) if one["channel"] == channel]
    response = Response(dump_bytes(shown), 200, content_type="application/json")
    response.headers["ETag"] = etag(shown["version"])
    return response


@channels.route("/<channel>", methods=["DELETE"])
@writes
@requires("keys.manage")
@channels.response(204)
def delete(channel: str, uow: UnitOfWork) -> None:
    """Take an account away, with its secret."""
    delete_account(uow, current_principal(), _known(channel))


@channels.route("/<channel>/test", methods=["POST"])
@requires("keys.manage")
@channels.response(200, schemas.TriedChannelSchema)
def test(channel: str) -> Any:
    """Send the caller a message by a channel now, and tell what came of it."""
    return try_channel(live_service(), person(), _known(channel))


def _known(channel: str) -> str:
    if channel not in ACCOUNT_CHANNELS:
        raise not_found("channel")
    return channel
