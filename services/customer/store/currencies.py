"""The company's currencies and their rates, and the rate of each record as an expression."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, Connection, Index, Integer, PrimaryKeyConstraint, ScalarSelect, Table, select, update

from chassis.db import UnitOfWork, insert_or
from chassis.db.types import Exact, Id, PlainText, UtcDateTime
from services.customer.model.currencies import RATE_PRECISION, RATE_SCALE, USUAL_BASE
from services.customer.store.tables import metadata, schema_revision

ALWAYS = datetime(1, 1, 1, tzinfo=UTC)

company_currency = Table(
    "company_currency", metadata,
    Column("code", PlainText(), primary_key=True),
    Column("position", Integer, nullable=False),  # 0 is the base
)

exchange_rate = Table(
    "exchange_rate", metadata,
    Column("currency", PlainText(), nullable=False),
    Column("valid_from", PlainText(), nullable=False),  # a day of the company's time zone
    Column("starts_at", UtcDateTime(), nullable=False),  # the moment of that; of the earliest the beginning of time
    Column("rate", Exact(RATE_PRECISION, RATE_SCALE), nullable=False),  # what one unit is worth in the base currency
    Column("updated_at", UtcDateTime(), nullable=False),
    Column("updated_by", Id()),
    PrimaryKeyConstraint("currency", "valid_from"),
)
Index("exchange_rate_starts", exchange_rate.c.currency, exchange_rate.c.starts_at)


def kept_codes(connection: Connection) -> list[str]:
    """The company's currencies, its base first; none as long as nobody has said which."""
    query = select(company_currency.c.code).order_by(company_currency.c.position)
    return list(connection.execute(query).scalars())


def read_codes(connection: Connection) -> list[str]:
    """The company's currencies, its base first."""
    return kept_codes(connection) or [USUAL_BASE]


def rate_at(currency: Any, moment: Any) -> ScalarSelect[Any]:
    """The rate of a currency that holds at a moment; both may be columns."""
    table = exchange_rate.alias()
    return (select(table.c.rate).where(table.c.currency == currency, table.c.starts_at <= moment)
            .order_by(table.c.starts_at.desc()).limit(1).scalar_subquery())


def keep_codes(uow: UnitOfWork, codes: list[str]) -> None:
    """Put these in the place of all others."""
    uow.execute(company_currency.delete())
    uow.execute(company_currency.insert(), [{"code": code, "position": place} for place, code in enumerate(codes)])


def alone(uow: UnitOfWork) -> None:
    """Let nobody else change currencies or rates until this unit of work ends."""
    uow.execute(select(schema_revision).with_for_update())


def rates_of(connection: Connection, currency: str) -> list[Any]:
    """All rates of a currency, the earliest first."""
    return list(connection.execute(select(exchange_rate).where(exchange_rate.c.currency == currency)
                                   .order_by(exchange_rate.c.valid_from)))


def has_rates(connection: Connection) -> bool:
    """Whether any rate is kept."""
    return connection.execute(select(exchange_rate.c.currency).limit(1)).first() is not None


def begin_at(uow: UnitOfWork, currency: str, starts: Mapping[str, datetime]) -> None:
    """Say from which moment rates hold, by their days."""
    for day, moment in starts.items():
        uow.execute(update(exchange_rate).values(starts_at=moment).where(
            exchange_rate.c.currency == currency, exchange_rate.c.valid_from == day))


def keep_rate(uow: UnitOfWork, currency: str, day: date, rate: Decimal, more: Mapping[str, Any]) -> None:
    """Put a rate in the place of that of the same day, if there is one."""
    row = {"currency": currency, "valid_from": day.isoformat(), "starts_at": ALWAYS, "rate": rate, **more}
    uow.execute(insert_or(uow, exchange_rate).values(row).on_conflict_do_update(
        index_elements=["currency", "valid_from"], set_={"rate": rate, **more}))


def drop_rate(uow: UnitOfWork, currency: str, day: str) -> None:
    """Forget a rate."""
    uow.execute(exchange_rate.delete().where(exchange_rate.c.currency == currency,
                                             exchange_rate.c.valid_from == day))
