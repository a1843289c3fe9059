"""From a question to one statement for DuckDB.

The inner part picks the records that the caller may see and gives each its keys and values; the outer part groups. A
record with several choices stands in each of their groups. Sums of money have a column per currency, so they are asked
for with the currencies that the same snapshot has. An average is a sum and a count: the division is exact and ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Double,
    Select,
    Subquery,
    Text,
    UnaryExpression,
    case,
    cast,
    func,
    literal,
    null,
    select,
)

from chassis.criteria.fields import TEXT_KINDS
from services.report.model.objects import CURRENCY
from services.report.model.questions import Dimension, Measure, Question, biggest_first

Currencies = Mapping[int, Sequence[str]]
MAX_CURRENCIES = 60


def currencies_statement(question: Question, place: int) -> Select[Any]:
    """The currencies that a measure of money meets."""
    measure, access = question.measures[place], question.access
    currency = access.model.columns[f"{measure.name}.currency"]
    return (select(currency).where(access.where(question.criterion), currency.is_not(None)).distinct()
            .order_by(currency).limit(MAX_CURRENCIES))


def statement(question: Question, currencies: Currencies) -> Select[Any]:
    """Keys, then the parts of the measures in their order; one row more than the limit."""
    source = _records(question)
    keys = [source.c[f"k{place}"] for place in range(len(question.dimensions))]
    parts = [part for place, measure in enumerate(question.measures)
             for part in _parts(source, place, measure, currencies.get(place, ()))]
    shown = [_shown(dimension, key) for dimension, key in zip(question.dimensions, keys, strict=True)]
    grouped = select(*shown, *parts).select_from(source)
    if keys:
        grouped = grouped.group_by(*keys)
    return grouped.order_by(*_order(question, source, currencies)).limit(question.limit + 1)


def parts_of(measure: Measure, currencies: Sequence[str]) -> int:
    """How many columns of the statement a measure takes."""
    return (2 if measure.op == "avg" else 1) * (len(currencies) if measure.is_money else 1)


def _records(question: Question) -> Subquery:
    access = question.access
    columns: list[ColumnElement[Any]] = [_key(question, one).label(f"k{place}")
                                         for place, one in enumerate(question.dimensions)]
    for place, measure in enumerate(question.measures):
        if measure.name is not None:
            columns.append(access.model.columns[measure.name].label(f"m{place}"))
        if measure.is_money:
            field = access.model.fields[str(measure.name)]
            columns.append(access.model.table.c[field.column + CURRENCY].label(f"c{place}"))
    return (select(*columns, literal(1).label("one")).select_from(access.model.table)
            .where(access.where(question.criterion)).subquery("record"))


def _key(question: Question, dimension: Dimension) -> ColumnElement[Any]:
    column = question.access.model.columns[dimension.name]
    kind = dimension.field.kind
    if dimension.bucket is not None:
        local = func.timezone(question.access.principal.timezone, column) if kind == "datetime" else column
        return cast(func.date_trunc(dimension.bucket, local), Date)
    if kind == "multi_choice":
        choices = func.string_split(func.trim(column, "|"), "|")
        return func.unnest(case((column.is_(None), func.list_value(null())), else_=choices))
    return func.nullif(column, "") if kind in TEXT_KINDS | {"choice"} else column


def _shown(dimension: Dimension, key: ColumnElement[Any]) -> ColumnElement[Any]:
    """The key as an answer carries it: text, or a truth."""
    return key if dimension.field.kind == "boolean" else cast(key, Text)


def _parts(source: Subquery, place: int, measure: Measure, currencies: Sequence[str]) -> list[ColumnElement[Any]]:
    if measure.name is None:
        return [func.count()]
    value = source.c[f"m{place}"]
    if measure.is_money:
        return [part.filter(source.c[f"c{place}"] == literal(currency, Text()))
                for currency in currencies for part in _aggregates(measure, value)]
    return _aggregates(measure, value)


def _aggregates(measure: Measure, value: ColumnElement[Any]) -> list[Any]:
    if measure.op == "avg":
        return [func.sum(value), func.count(value)]
    if measure.op == "count_distinct":
        return [func.count(value.distinct())]
    if measure.field is not None and measure.field.kind == "datetime" and measure.op in ("min", "max"):
        value = func.timezone("UTC", value)
    return [getattr(func, measure.op)(value)]


def _order(question: Question, source: Subquery, currencies: Currencies) -> list[UnaryExpression[Any]]:
    """The order asked for, else a natural one; keys end every order, so it is the same each time."""
    order = []
    for one in question.order:
        expression = (_size(question, source, one.place, currencies) if one.by_measure
                      else _rank(question, source, one.place))
        order.append((expression.desc() if one.down else expression.asc()).nulls_last())
    if not question.order and question.dimensions and biggest_first(question.dimensions[0]):
        order.append(_size(question, source, 0, currencies).desc().nulls_last())
    for place in range(len(question.dimensions)):
        key = source.c[f"k{place}"]
        order += [one.asc().nulls_last() for one in dict.fromkeys((_rank(question, source, place), key))]
    return order


def _size(question: Question, source: Subquery, place: int, currencies: Currencies) -> ColumnElement[Any]:
    """What groups are compared by; money by the first currency, which is the field's own."""
    parts = _parts(source, place, question.measures[place], currencies.get(place, ()))
    if question.measures[place].op != "avg":
        return parts[0]
    return cast(parts[0], Double) / func.nullif(parts[1], 0)


def _rank(question: Question, source: Subquery, place: int) -> ColumnElement[Any]:
    """Choices stand in their own order, everything else by its value."""
    dimension, key = question.dimensions[place], source.c[f"k{place}"]
    if dimension.field.kind in ("choice", "multi_choice"):
        choices = [choice["value"] for choice in question.access.model.fields[dimension.name].choices]
        if choices:
            numbers = {choice: number for number, choice in enumerate(choices)}
            return case(numbers, value=key, else_=case((key.is_(None), null()), else_=len(choices)))
    return key
