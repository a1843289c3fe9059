"""Statements that gather what models learn from: grouped by the engine, so that a million orders become some thousand
rows before they leave it."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Double, Select, cast, func, literal, select
from sqlalchemy import Text as SqlText

from services.report.model.access import Place
from services.report.model.analysis.customers import SAMPLE, Customer, Purchases
from services.report.model.analysis.deals import NEWEST, Deal
from services.report.model.analysis.mapping import AMOUNTS, ValueMapping, WinMapping
from services.report.model.questions import BaseMoney
from services.report.queries.records import Columns


def day_of(columns: Columns, place: Place, timezone: str) -> ColumnElement[Any]:
    """The day of a date or moment by the company's clock."""
    column = columns.value(place)
    return cast(func.timezone(timezone, column) if place.field.kind == "datetime" else column, Date)


def amount_of(columns: Columns, place: Place, money: BaseMoney) -> ColumnElement[Any]:
    """A number as the engine adds it up; money in the base currency, nothing where its rate is unknown."""
    value = columns.in_base(place, money)[0] if place.field.kind == "money" else columns.value(place)
    return cast(value, Double)


def customers_statement(mapping: ValueMapping, money: BaseMoney, today: date, cut: date, *,
                        sample: bool = False) -> Select[Any]:
    """A row per customer who stands and has bought; those of the sample are chosen by their ids, always the same."""
    bought = _days(mapping, money, today)
    who, day, amount = bought.c.customer, bought.c.day, bought.c.amount
    paid = amount > literal(0.0)
    early, late = day <= literal(cut, Date()), day > literal(cut, Date())
    scored = mapping.scored.model.table.alias("scored")
    known = func.coalesce(amount, literal(0.0))
    listed = (select(
        who, func.count(), func.min(day), func.max(day), func.count().filter(paid), func.sum(amount).filter(paid),
        func.arg_min(known, day),
        func.count().filter(early), func.max(day).filter(early), func.count().filter(early, paid),
        func.sum(amount).filter(early, paid), func.count().filter(late), func.sum(amount).filter(late, paid))
        .select_from(bought.join(scored, cast(scored.c.id, SqlText) == who))
        .where(scored.c.deleted.is_(False)).group_by(who))
    return listed.order_by(func.hash(who)).limit(SAMPLE) if sample else listed


def _days(mapping: ValueMapping, money: BaseMoney, today: date) -> Any:
    columns = Columns(mapping.orders)
    who, day = columns.value(mapping.customer), day_of(columns, mapping.day, money.timezone)
    amount = literal(0.0) if mapping.amount is None else amount_of(columns, mapping.amount, money)
    return (select(who.label("customer"), day.label("day"), func.sum(amount).label("amount"))
            .select_from(columns.source)
            .where(mapping.orders.where(mapping.criterion), who.is_not(None), day <= literal(today, Date()))
            .group_by(who, day)).subquery("bought")


def read_customer(row: Any) -> Customer:
    """A row of that statement."""
    (id, times, first, last, paid, total, first_amount,
     early_times, early_last, early_paid, early_total, late_times, late_total) = row
    before = Purchases(early_times, first, early_last, early_paid, early_total or 0.0,
                       first_amount) if early_times else None
    return Customer(id, Purchases(times, first, last, paid, total or 0.0, first_amount), before, late_times,
                    late_total or 0.0)


def deals_statement(mapping: WinMapping, money: BaseMoney, *, ended: bool) -> Select[Any]:
    """A row per deal: the newest of those that have ended, or all that are open."""
    access, columns = mapping.scored, Columns(mapping.scored)
    stage, day = columns.value(mapping.stage), day_of(columns, mapping.closed, money.timezone)
    amount = literal(None) if mapping.amount is None else amount_of(columns, mapping.amount, money)
    features = [_feature(columns, place, money) for place in mapping.features]
    over = stage.in_([*mapping.won, *mapping.lost])
    id = columns.around(mapping.stage)["id"]
    listed = (select(cast(id, SqlText), stage.in_(list(mapping.won)), day, amount, *features)
              .select_from(columns.source)
              .where(access.where(mapping.criterion), stage.is_not(None), over if ended else ~over))
    return listed.order_by(day.desc().nulls_last(), id).limit(NEWEST) if ended else listed


def _feature(columns: Columns, place: Place, money: BaseMoney) -> ColumnElement[Any]:
    return amount_of(columns, place, money) if place.field.kind in AMOUNTS else columns.value(place)


def read_deal(row: Any) -> Deal:
    """A row of that statement."""
    id, won, ended, amount, *values = row
    return Deal(id, tuple(value or None if isinstance(value, str) else value for value in values), won, ended, amount)
