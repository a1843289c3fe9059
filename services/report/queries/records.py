"""The records of a question, each with its keys and values: the inner part of a statement.

Records that references lead to are joined once per way, only those that the caller sees; a record without such a one
stays, with no value in its place. For comparisons the records of the earlier period come a second time, as if they lay
a step later (their `era` tells which is which): so they meet the group that they are compared with. Of a period that is
not over, only what lay before this moment is taken from the earlier one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Numeric,
    Select,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    union_all,
)

from chassis.criteria import to_sql
from chassis.criteria.fields import TEXT_KINDS
from services.report.model.access import Access, Place
from services.report.model.measures import Measure
from services.report.model.periods import Span
from services.report.model.questions import BaseMoney, Dimension, Question
from services.report.queries.rates import rates

_FISCAL = ("quarter", "year")


class Columns:
    """The columns of one statement, those of related records joined when they are asked for."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self.source: Any = access.model.table
        self._known: dict[tuple[tuple[str, str], ...], Mapping[str, Any]] = {(): access.model.columns}
        self._rates: dict[str, Subquery] = {}

    def value(self, place: Place) -> ColumnElement[Any]:
        """The column of a field."""
        return self.around(place)[place.field.name]

    def around(self, place: Place) -> Mapping[str, Any]:
        """All columns of the record that has the field."""
        return self._along(place.path)

    def in_base(self, place: Place, money: BaseMoney) -> tuple[ColumnElement[Any], ColumnElement[bool]]:
        """An amount in the base currency by the rate of the day when its record was made, and whether it has none."""
        columns, name = self.around(place), place.field.name
        amount, day = columns[f"{name}.amount"], cast(func.timezone(money.timezone, columns["created_at"]), Date)
        if place.name not in self._rates:
            found = self._rates[place.name] = rates(self._access.model.generation, money.currency)
            self.source = self.source.outerjoin(found, and_(
                found.c.currency == columns[f"{name}.currency"], day >= found.c.starts_on, day < found.c.ends_on))
        rate = self._rates[place.name].c.rate
        wide = cast(amount, Numeric(20, 2))  # DuckDB multiplies 18 digits by 18 into 18, and a million is too much
        return wide * rate, and_(amount.is_not(None), rate.is_(None))

    def all_seen(self, path: tuple[tuple[str, str], ...]) -> ColumnElement[bool]:
        """Whether every reference of a way that is set leads to a record that the caller sees."""
        steps = [(self._along(path[:at]), path[at][0], self._along(path[:at + 1])) for at in range(len(path))]
        return and_(*(or_(near[name].is_(None), far["id"].is_not(None)) for near, name, far in steps))

    def _along(self, path: tuple[tuple[str, str], ...]) -> Mapping[str, Any]:
        if path not in self._known:
            near, (reference, target) = self._along(path[:-1]), path[-1]
            found, columns = self._seen(target)
            self.source = self.source.outerjoin(found, near[reference] == columns["id"])
            self._known[path] = columns
        return self._known[path]

    def _seen(self, target: str) -> tuple[Subquery, Mapping[str, Any]]:
        """The records of an object that the caller sees, and their columns by the names of criteria."""
        tables = self._access.scope.tables
        assert tables is not None
        beyond = tables(target)
        listed = select(*(column.label(f"c{place}") for place, column in enumerate(beyond.columns.values())))
        if beyond.condition is not None:
            listed = listed.where(beyond.condition)
        found = listed.select_from(beyond.table).subquery()
        return found, {name: found.c[f"c{place}"] for place, name in enumerate(beyond.columns)}


def terms(question: Question) -> Iterator[tuple[str, Measure]]:
    """Every term of every measure, by a name for its columns."""
    for place, measure in enumerate(question.measures):
        for side, term in enumerate(measure.terms):
            yield f"{place}_{side}", term


def records(question: Question) -> Subquery:
    """All records, with `era` 0 for those of the question itself and a number for each comparison."""
    eras = [_era(question, number, compare) for number, compare in enumerate((None, *question.comparisons))]
    return (eras[0] if len(eras) == 1 else union_all(*eras)).subquery("record")


def _era(question: Question, number: int, compare: str | None) -> Select[Any]:
    access, columns = question.access, Columns(question.access)
    moved = question.step(compare) if compare is not None else None
    listed: list[ColumnElement[Any]] = [
        _key(question, columns, one, moved if place == question.time else None).label(f"k{place}")
        for place, one in enumerate(question.dimensions)]
    for name, term in terms(question):
        listed += _of_term(question, columns, name, term)
    conditions = [access.where(question.criterion), *_in_time(question, columns, moved)]
    return (select(*listed, literal(number).label("era"), literal(1).label("one")).select_from(columns.source)
            .where(*conditions))


def _of_term(question: Question, columns: Columns, name: str, term: Measure) -> Iterator[ColumnElement[Any]]:
    access = question.access
    if term.place is not None and term.in_base:
        assert question.money is not None
        value, unknown = columns.in_base(term.place, question.money)
        yield from (value.label(f"v{name}"), unknown.label(f"u{name}"))
    elif term.place is not None:
        yield columns.value(term.place).label(f"v{name}")
        if term.is_money:
            yield columns.around(term.place)[f"{term.place.field.name}.currency"].label(f"c{name}")
    if term.criterion is not None:
        yield to_sql(term.criterion, access.model.columns, access.scope).label(f"f{name}")


def _in_time(question: Question, columns: Columns, moved: Span | None) -> Iterator[ColumnElement[bool]]:
    within, access = question.within, question.access
    if within is not None:
        local = _local(access, columns, within.place, moved)
        yield and_(local >= literal(within.period.start, Date()), local < literal(within.period.end, Date()))
    if moved is None:
        return
    place = question.dimensions[question.time].place if question.time is not None else within and within.place
    assert place is not None
    now = access.scope.today if place.field.kind == "date" else access.scope.now.astimezone(
        access.scope.zone).replace(tzinfo=None)
    yield _local(access, columns, place, moved) <= literal(now, Date() if place.field.kind == "date" else DateTime())


def _local(access: Access, columns: Columns, place: Place, moved: Span | None) -> ColumnElement[Any]:
    """The day, or the moment where the caller lives, as many days or months later as records are moved."""
    column, moment = columns.value(place), place.field.kind == "datetime"
    local = func.timezone(access.principal.timezone, column) if moment else column
    return cast(_later(local, moved), DateTime() if moment else Date()) if moved is not None else local


def _later(moment: ColumnElement[Any], span: Span) -> ColumnElement[Any]:
    length = f"INTERVAL '{int(span.months)} months'" if span.months else f"INTERVAL '{int(span.days)} days'"
    return moment.op("+")(literal_column(length))


def _key(question: Question, columns: Columns, dimension: Dimension, moved: Span | None) -> ColumnElement[Any]:
    if dimension.bucket is not None:
        return _bucket(question, dimension.bucket, _local(question.access, columns, dimension.place, moved))
    column, kind = columns.value(dimension.place), dimension.field.kind
    if kind == "multi_choice":
        choices = func.string_split(func.trim(column, "|"), "|")
        return func.unnest(case((column.is_(None), func.list_value(null())), else_=choices))
    return func.nullif(column, "") if kind in TEXT_KINDS | {"choice"} else column


def _bucket(question: Question, bucket: str, local: ColumnElement[Any]) -> ColumnElement[Any]:
    """The first day of the bucket; quarters and years begin in the company's month."""
    shift = question.first_month - 1 if bucket in _FISCAL else 0
    if not shift:
        return cast(func.date_trunc(bucket, local), Date)
    early = _later(func.date_trunc("month", local), Span(months=-shift))
    return cast(_later(func.date_trunc(bucket, early), Span(months=shift)), Date)
