"""`/v1/currencies` and `/v1/exchange-rates`: which currencies the company uses, and what they are worth."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields
from sqlalchemy import select

from chassis.auth.guard import current_principal, requires
from chassis.clock import to_wire
from chassis.http.current import current_service, json_answer
from chassis.http.openapi import ServiceBlueprint
from chassis.http.paging import list_page
from chassis.http.parsing import json_object
from chassis.http.writes import writes
from services.customer.api import reading
from services.customer.api.documents import described
from services.customer.model.values.numbers import CURRENCIES
from services.customer.store.currencies import exchange_rate
from services.customer.usecases.currencies import delete_rate, offered, set_currencies, set_rate

currencies = ServiceBlueprint("currencies", __name__, url_prefix="/v1", description="Currencies and exchange rates")


class CompanyCurrenciesSchema(Schema):
    """The base currency, and all that are offered where amounts are entered."""

    base = fields.String(required=True)
    items = fields.List(fields.String(), required=True)


class CurrenciesSchema(CompanyCurrenciesSchema):
    """The same with every currency that could be chosen."""

    known = fields.List(fields.String(), required=True)


class RateSchema(Schema):
    """What one unit of a currency is worth in the base currency."""

    rate = fields.String(required=True)


class ExchangeRateSchema(RateSchema):
    """A rate and the day from which it holds."""

    currency = fields.String(required=True)
    valid_from = fields.String(required=True)
    updated_at = fields.String(required=True)
    updated_by = fields.String(required=True, allow_none=True)


class ExchangeRatesSchema(Schema):
    """Rates by currency, the latest first."""

    items = fields.List(fields.Nested(ExchangeRateSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


@currencies.route("/currencies")
@currencies.response(200, CurrenciesSchema)
def show() -> Response:
    """Tell the currencies of the company."""
    current_principal()
    with current_service().db.read() as connection:
        return _currencies(offered(current_service(), connection))


@currencies.route("/currencies", methods=["PUT"])
@requires("objects.manage")
@currencies.doc(**described(CompanyCurrenciesSchema))
@writes
@currencies.response(200, CurrenciesSchema)
def change(uow: Any) -> Response:
    """Say which currencies the company uses; another base is refused while there are rates."""
    return _currencies(set_currencies(uow, reading.only(json_object(), "base", "items")))


@currencies.route("/exchange-rates")
@requires("objects.manage")
@currencies.response(200, ExchangeRatesSchema)
def list_rates() -> Response:
    """List the rates, those of each currency from the latest on."""
    limit, cursor = reading.page_of_query()
    order = [(exchange_rate.c.currency, False), (exchange_rate.c.valid_from, True)]
    with current_service().db.read() as connection:
        page = list_page(connection, select(exchange_rate), order, limit=limit, cursor=cursor, render=_shown)
    return json_answer(page)


@currencies.route("/exchange-rates/<currency>/<valid_from>", methods=["PUT"])
@requires("objects.manage")
@currencies.doc(**described(RateSchema))
@writes
@currencies.response(200, ExchangeRateSchema)
def keep(currency: str, valid_from: str, uow: Any) -> Response:
    """Keep the rate of a currency from a day on, in the place of one of the same day."""
    given = reading.only(json_object(), "rate")
    set_rate(current_service(), uow, current_principal(), currency, valid_from, given.get("rate"))
    kept = uow.execute(select(exchange_rate).where(exchange_rate.c.currency == currency,
                                                   exchange_rate.c.valid_from == valid_from)).one()
    return json_answer(_shown(kept))


@currencies.route("/exchange-rates/<currency>/<valid_from>", methods=["DELETE"])
@requires("objects.manage")
@writes
@currencies.response(204)
def delete(currency: str, valid_from: str, uow: Any) -> Response:
    """Forget a rate."""
    delete_rate(current_service(), uow, currency, valid_from)
    return Response(status=204)


def _currencies(codes: list[str]) -> Response:
    return json_answer({"base": codes[0], "items": codes, "known": sorted(CURRENCIES)})


def _shown(row: Any) -> dict[str, Any]:
    return {"currency": row.currency, "valid_from": row.valid_from, "rate": f"{row.rate.normalize():f}",
            "updated_at": to_wire(row.updated_at), "updated_by": row.updated_by}
