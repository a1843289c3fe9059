"""Analyses that are worked out when somebody asks, from the records that he may see: forecasts and baskets.

A sum over records says something about each of them, so nothing of it is kept for everybody. The engine does the
grouping: a forecast is made from some dozen months, baskets from the most frequent items.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Date, Select, and_, cast, func, literal, select
from sqlalchemy import Text as SqlText

from chassis.http.problem import not_found
from chassis.i18n import localised, t
from services.report.model.analysis import baskets, months
from services.report.model.analysis.baskets import Pair
from services.report.model.analysis.mapping import AnyMapping, BasketMapping, ForecastMapping
from services.report.queries.analysis.facts import amount_of, day_of
from services.report.queries.analysis.words import number, percent
from services.report.queries.answering import Asking
from services.report.queries.labels import record_titles
from services.report.queries.records import Columns

Json = dict[str, Any]


def result_of(at: Asking, mapping: AnyMapping | None) -> Json:
    """What the caller is told; raises 404 for what has scores instead."""
    if isinstance(mapping, ForecastMapping):
        return _forecast(at, mapping)
    if isinstance(mapping, BasketMapping):
        return _baskets(at, mapping)
    raise not_found("result")


def _forecast(at: Asking, mapping: ForecastMapping) -> Json:
    """The months that are over as they were, and those to come; the present one is not over and is foretold."""
    now, known = at.company_today.replace(day=1), {}
    for month, value in at.rows(_months_statement(at, mapping, now)):
        known[month] = float(value or 0.0)
    past = _all_months(min(known), now) if known else []
    values = [known.get(month, 0.0) for month in past]
    found, locale = months.forecast(values, mapping.months), at.principal.locale
    shown: Json = {"currency": at.view.base if mapping.amount is not None and mapping.amount.field.kind == "money"
                   else None, "past": [{"month": month.isoformat(), "actual": round(value, 2)}
                                       for month, value in list(zip(past, values, strict=True))[-36:]]}
    if found is None:
        return {**shown, "months": [], "check": [], "words": [t("report.analysis.forecast.too_little", locale,
                                                                months=len(past))]}
    told = months.to_wire(found)
    coming = [{"month": _later(now, place).isoformat(), **one} for place, one in enumerate(told["months"])]
    check = [{"month": _later(now, place - len(told["check"])).isoformat(), **one}
             for place, one in enumerate(told["check"])]
    return {**shown, "months": coming, "check": check, "words": _words(told, len(past), locale)}


def _words(told: Json, past: int, locale: str) -> list[str]:
    words = [t("report.analysis.forecast.about", locale, months=past),
             t(f"report.analysis.forecast.{'season' if told['seasonal'] else 'no_season'}", locale)]
    if told["error"] is not None:
        words.append(t("report.analysis.forecast.checked", locale, error=percent(told["error"])))
    return words


def _months_statement(at: Asking, mapping: ForecastMapping, now: date) -> Select[Any]:
    columns = Columns(mapping.facts)
    month = cast(func.date_trunc("month", day_of(columns, mapping.day, at.money.timezone)), Date)
    amount = literal(1.0) if mapping.amount is None else amount_of(columns, mapping.amount, at.money)
    first = _later(now, -months.LONGEST)
    fact = (select(month.label("month"), amount.label("amount")).select_from(columns.source)
            .where(mapping.facts.where(mapping.criterion), month >= literal(first, Date()),
                   month < literal(now, Date()))).subquery("fact")
    return select(fact.c.month, func.sum(fact.c.amount)).group_by(fact.c.month).order_by(fact.c.month)


def _all_months(first: date, end: date) -> list[date]:
    found, month = [], first
    while month < end:
        found.append(month)
        month = _later(month, 1)
    return found


def _later(month: date, by: int) -> date:
    count = month.year * 12 + month.month - 1 + by
    return date(count // 12, count % 12 + 1, 1)


def _baskets(at: Asking, mapping: BasketMapping) -> Json:
    count = at.rows(_count_statement(mapping))[0][0]
    locale = at.principal.locale
    if count < baskets.LEAST_BASKETS:
        return {"baskets": count, "pairs": [], "words": [t("report.analysis.basket.too_little", locale, baskets=count)]}
    pairs = [Pair(*row, count) for row in at.rows(_pairs_statement(mapping))]
    names = _names(at, mapping, [id for pair in pairs for id in (pair.first, pair.second)])
    return {"baskets": count, "pairs": [_shown(at, pair, names) for pair in pairs],
            "words": [t("report.analysis.basket.about", locale, baskets=number(count),
                        least=baskets.LEAST_TOGETHER)]}


def _lines(mapping: BasketMapping) -> Any:
    """Every item once per basket."""
    columns = Columns(mapping.lines)
    basket, item = columns.value(mapping.basket), columns.value(mapping.item)
    return (select(basket.label("basket"), item.label("item")).select_from(columns.source)
            .where(mapping.lines.where(mapping.criterion), basket.is_not(None), item.is_not(None), item != "")
            .distinct())


def _count_statement(mapping: BasketMapping) -> Select[Any]:
    return select(func.count(_lines(mapping).subquery("line").c.basket.distinct()))


def _pairs_statement(mapping: BasketMapping) -> Select[Any]:
    """The pairs that lift each other most, among the most frequent items."""
    line = _lines(mapping).cte("line")
    items = (select(line.c.item, func.count().label("times")).group_by(line.c.item)
             .order_by(func.count().desc(), line.c.item).limit(baskets.ITEMS)).cte("items")
    kept = select(line.c.basket, line.c.item).join(items, items.c.item == line.c.item).cte("kept")
    one, other = kept.alias("one"), kept.alias("other")
    pairs = (select(one.c.item.label("first"), other.c.item.label("second"), func.count().label("together"))
             .join(other, and_(other.c.basket == one.c.basket, other.c.item != one.c.item))
             .group_by(one.c.item, other.c.item)
             .having(func.count() >= baskets.LEAST_TOGETHER)).cte("pairs")
    first, second = items.alias("first"), items.alias("second")
    lift = pairs.c.together * 1.0 / (first.c.times * second.c.times)
    return (select(cast(pairs.c.first, SqlText), cast(pairs.c.second, SqlText), pairs.c.together, first.c.times,
                   second.c.times)
            .join(first, first.c.item == pairs.c.first).join(second, second.c.item == pairs.c.second)
            .order_by(lift.desc(), pairs.c.together.desc(), (pairs.c.together * 1.0 / first.c.times).desc(),
                      pairs.c.first, pairs.c.second)
            .limit(baskets.PAIRS))


def _names(at: Asking, mapping: BasketMapping, ids: list[str]) -> Mapping[str, str]:
    if mapping.item.field.kind == "choice":
        return {one["value"]: localised(one.get("label"), at.principal.locale)
                for one in mapping.item.described.choices}
    return record_titles(at, mapping.item.described.target or "", list(dict.fromkeys(ids)))


def _shown(at: Asking, pair: Pair, names: Mapping[str, str]) -> Json:
    unknown, locale = t("report.label.unknown", at.principal.locale), at.principal.locale
    first, second = (names.get(id) or unknown for id in (pair.first, pair.second))
    words = t("report.analysis.basket.pair", locale, first=first, second=second, confidence=percent(pair.confidence),
              usual=percent(pair.with_second / pair.baskets))
    return {"first": pair.first, "second": pair.second, "first_title": first, "second_title": second,
            "together": pair.together, "support": round(pair.support, 4), "confidence": round(pair.confidence, 4),
            "lift": round(pair.lift, 2), "words": [words]}
