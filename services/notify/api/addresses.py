"""`/v1/addresses`: where people are found on the channels; one's own mobile number, and all of them for who manages
people."""

from __future__ import annotations

from typing import Any

from flask import Response
from sqlalchemy import select

from chassis.auth import requires
from chassis.clock import to_wire
from chassis.db import UnitOfWork
from chassis.http.openapi import PageQuery, ServiceBlueprint, page_of
from chassis.http.paging import list_page
from chassis.http.problem import Problem, not_found
from chassis.http.writes import writes
from chassis.ids import is_id
from services.notify.api import channel_schemas as schemas
from services.notify.api.people import live_service, person
from services.notify.model.channels import ACCOUNT_CHANNELS, SMS
from services.notify.queries.channels import ways_of
from services.notify.store.tables import channel_address
from services.notify.usecases.addresses import put_address

addresses = ServiceBlueprint("addresses", __name__, url_prefix="/v1/addresses",
                             description="Where people are found on channels")

_ORDER = ((channel_address.c.user_id, False), (channel_address.c.channel, False))


class PeopleQuery(PageQuery):
    """One channel, or all."""

    channel = schemas.Text(max=40, load_default=None)


@addresses.route("")
@addresses.response(200, schemas.WaysSchema)
def mine() -> Any:
    """Show by which channels the caller can be reached, and where."""
    return _ways(person().user_id or "")


@addresses.route("/<channel>", methods=["PUT"])
@writes
@addresses.arguments(schemas.AddressBodySchema)
@addresses.response(200, schemas.WaysSchema)
def put_mine(body: dict[str, Any], channel: str, uow: UnitOfWork) -> Any:
    """Choose the mobile number that messages go to; ids at other providers are an administrator's matter."""
    if channel != SMS:
        raise Problem(403, "address_not_own") if channel in ACCOUNT_CHANNELS else not_found("channel")
    user_id = person().user_id or ""
    put_address(uow, user_id, channel, body["address"], "person")
    return {"items": ways_of(live_service(), uow.connection, user_id)}


@addresses.route("/people")
@requires("users.manage")
@addresses.arguments(PeopleQuery, location="query")
@addresses.response(200, page_of(schemas.PersonAddressSchema))
def people(query: dict[str, Any]) -> Any:
    """List where people are found."""
    statement = select(channel_address)
    if query["channel"]:
        statement = statement.where(channel_address.c.channel == query["channel"])
    with live_service().db.read() as connection:
        return list_page(connection, statement, _ORDER, limit=query["limit"], cursor=query["cursor"], render=_shown)


@addresses.route("/people/<user_id>")
@requires("users.manage")
@addresses.response(200, schemas.WaysSchema)
def of_person(user_id: str) -> Any:
    """Show by which channels somebody can be reached, and where."""
    return _ways(_known(user_id))


@addresses.route("/people/<user_id>/<channel>", methods=["PUT"])
@writes
@requires("users.manage")
@addresses.arguments(schemas.AddressBodySchema)
@addresses.response(204)
def put_of_person(body: dict[str, Any], user_id: str, channel: str, uow: UnitOfWork) -> Response | None:
    """Enter where somebody is found."""
    if channel not in ACCOUNT_CHANNELS:
        raise not_found("channel")
    put_address(uow, _known(user_id), channel, body["address"], "administrator")
    return None


def _ways(user_id: str) -> dict[str, Any]:
    service = live_service()
    with service.db.read() as connection:
        return {"items": ways_of(service, connection, user_id)}


def _known(user_id: str) -> str:
    if not is_id(user_id) or live_service().directory.user(user_id) is None:
        raise not_found("user")
    return user_id


def _shown(row: Any) -> dict[str, Any]:
    return {"user_id": row.user_id, "user_name": live_service().directory.name_of(row.user_id), "channel": row.channel,
            "address": row.address, "origin": row.origin, "updated_at": to_wire(row.updated_at)}
