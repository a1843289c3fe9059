"""From a question to one statement for DuckDB.

The inner part picks the records that the caller may see and gives each its keys and values; the outer part groups. A
record with several choices stands in each of their groups. Sums of money have a column per currency, so they are asked
for with the currencies that the same snapshot has. An average is a sum and a count: the division is exact and ours, as
that of a rate is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Double,
    FunctionFilter,
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

from services.report.model.measures import Measure
from services.report.model.questions import Dimension, Question, biggest_first
from services.report.queries.records import Columns, records

Currencies = Mapping[int, Sequence[str]]
MAX_CURRENCIES = 60


def currencies_statement(question: Question, place: int) -> Select[Any]:
    """The currencies that a measure of money meets."""
    of, columns = question.measures[place].place, Columns(question.access)
    assert of is not None
    currency = columns.around(of)[f"{of.field.name}.currency"]
    return (select(currency).select_from(columns.source)
            .where(question.access.where(question.criterion), currency.is_not(None)).distinct()
            .order_by(currency).limit(MAX_CURRENCIES))


def statement(question: Question, currencies: Currencies) -> Select[Any]:
    """Keys, then the parts of the measures in their order (those of a comparison behind its own); one row more than
    the limit."""
    asked = _Asked(question, currencies)
    shown = [_shown(dimension, key) for dimension, key in zip(question.dimensions, asked.keys, strict=True)]
    grouped = select(*shown, *asked.all_parts()).select_from(asked.source)
    if asked.keys:
        grouped = grouped.group_by(*asked.keys)
    return grouped.order_by(*_order(asked)).limit(question.limit + 1)


def parts_of(term: Measure, currencies: Sequence[str]) -> int:
    """How many columns of the statement a term takes."""
    return ((2 if term.op == "avg" else 1) + term.in_base) * (len(currencies) if term.is_money else 1)


class _Asked:
    """The outer part while it is made."""

    def __init__(self, question: Question, currencies: Currencies) -> None:
        self.question, self.currencies = question, currencies
        self.source: Subquery = records(question)
        self.keys = [self.source.c[f"k{place}"] for place in range(len(question.dimensions))]

    def all_parts(self) -> list[ColumnElement[Any]]:
        """The columns behind the keys."""
        return [part for place, measure in enumerate(self.question.measures)
                for compare in ([None] if measure.compare is None else [None, measure.compare])
                for part in self.parts(place, compare)]

    def parts(self, place: int, compare: str | None = None) -> list[ColumnElement[Any]]:
        """The aggregates of one measure, of its own records or of those that they are compared with."""
        measure = self.question.measures[place]
        era = 0 if compare is None else 1 + self.question.comparisons.index(compare)
        eras = [self.source.c.era == literal(era)] if self.question.comparisons else []
        found = [part for side, term in enumerate(measure.terms)
                 for part in self._term(f"{place}_{side}", term, self.currencies.get(place, ()), eras)]
        return [self._up_to_here(term_op, part) for term_op, part in found] if measure.running else [
            part for _, part in found]

    def _term(self, name: str, term: Measure, currencies: Sequence[str],
              conditions: list[Any]) -> list[tuple[str, Any]]:
        if term.criterion is not None:
            conditions = [*conditions, self.source.c[f"f{name}"].is_(True)]
        if not term.is_money:
            return [(op, _filtered(part, conditions)) for op, part in self._aggregates(name, term)]
        return [(op, _filtered(part, [*conditions, self.source.c[f"c{name}"] == literal(currency, Text())]))
                for currency in currencies for op, part in self._aggregates(name, term)]

    def _aggregates(self, name: str, term: Measure) -> list[tuple[str, Any]]:
        """Each with how two of them are put together: sums are added, of two smallest the smaller one holds. In the
        base currency the last one counts the amounts that nobody can convert."""
        missing = [("sum", func.count().filter(self.source.c[f"u{name}"].is_(True)))] if term.in_base else []
        return [*self._known(name, term), *missing]

    def _known(self, name: str, term: Measure) -> list[tuple[str, Any]]:
        if term.place is None:
            return [("sum", func.count())]
        value = self.source.c[f"v{name}"]
        if term.op == "avg":
            return [("sum", func.sum(value)), ("sum", func.count(value))]
        if term.op == "count_distinct":
            return [("sum", func.count(value.distinct()))]
        if term.op not in ("min", "max"):
            return [("sum", getattr(func, term.op)(value))]
        if term.field is not None and term.field.kind == "datetime":
            value = func.timezone("UTC", value)
        return [(term.op, getattr(func, term.op)(value))]

    def _up_to_here(self, together: str, part: Any) -> ColumnElement[Any]:
        """A part over all periods up to each; what has no date belongs to none."""
        time = self.keys[self.question.time or 0]
        others = [key for key in self.keys if key is not time]
        total = getattr(func, together)(part).over(partition_by=others or None, order_by=time.asc().nulls_last())
        return case((time.is_not(None), total))


def _filtered(part: Any, conditions: Sequence[Any]) -> Any:
    if isinstance(part, FunctionFilter):
        return part.func.filter(part.criterion, *conditions)
    return part.filter(*conditions) if conditions else part


def _shown(dimension: Dimension, key: ColumnElement[Any]) -> ColumnElement[Any]:
    """The key as an answer carries it: text, or a truth."""
    return key if dimension.field.kind == "boolean" else cast(key, Text)


def _order(asked: _Asked) -> list[UnaryExpression[Any]]:
    """The order asked for, else a natural one; keys end every order, so it is the same each time."""
    order, question = [], asked.question
    for one in question.order:
        expression = _size(asked, one.place) if one.by_measure else _rank(asked, one.place)
        order.append((expression.desc() if one.down else expression.asc()).nulls_last())
    if not question.order and question.dimensions and biggest_first(question.dimensions[0]):
        order.append(_size(asked, 0).desc().nulls_last())
    for place, key in enumerate(asked.keys):
        order += [one.asc().nulls_last() for one in dict.fromkeys((_rank(asked, place), key))]
    return order


def _size(asked: _Asked, place: int) -> ColumnElement[Any]:
    """What groups are compared by; money by the first currency, which is the field's own."""
    measure, parts = asked.question.measures[place], iter(asked.parts(place))
    sizes = []
    for term in measure.terms:
        own = list(islice(parts, parts_of(term, asked.currencies.get(place, ()))))
        sizes.append(own[0] if term.op != "avg" else cast(own[0], Double) / func.nullif(own[1], 0))
    return sizes[0] if len(sizes) == 1 else cast(sizes[0], Double) / func.nullif(sizes[1], 0)


def _rank(asked: _Asked, place: int) -> ColumnElement[Any]:
    """Choices stand in their own order, everything else by its value."""
    dimension, key = asked.question.dimensions[place], asked.keys[place]
    if dimension.field.kind in ("choice", "multi_choice") and dimension.choices:
        numbers = {choice: number for number, choice in enumerate(dimension.choices)}
        return case(numbers, value=key, else_=case((key.is_(None), null()), else_=len(dimension.choices)))
    return key
