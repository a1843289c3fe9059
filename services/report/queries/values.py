"""From what the database aggregated to the numbers of an answer: fractions until they are rounded, once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import islice, repeat
from typing import Any

from services.report.model.measures import RATE, Measure
from services.report.model.periods import Period, bucket_at
from services.report.model.questions import Question
from services.report.queries.statement import Currencies, parts_of

RATIO_SCALE = 4
_MORE_DIGITS = 2


def read_row(question: Question, found: Sequence[Any], currencies: Currencies) -> dict[str, Any]:
    """A row of the statement: its keys, a value for each column, and where periods are compared what was before."""
    width = len(question.dimensions)
    return _row(question, list(found[:width]), iter(found[width:]), currencies)


def empty_row(question: Question, keys: Sequence[Any], currencies: Currencies) -> dict[str, Any]:
    """The row of a group without records."""
    return _row(question, list(keys), repeat(None), currencies)


def _row(question: Question, keys: list[Any], cells: Iterator[Any], currencies: Currencies) -> dict[str, Any]:
    values: list[str | None] = []
    before: list[str | None] = []
    points: list[bool] = []
    for place, measure in enumerate(question.measures):
        several = currencies.get(place, ())
        own = _values(measure, several, cells)
        values += own
        before += repeat(None, len(own)) if measure.compare is None else _values(measure, several, cells)
        points += repeat(measure.op == RATE, len(own))
    row = {"keys": keys, "values": values}
    return row | _compared(question, keys, values, before, points) if question.comparisons else row


def _compared(question: Question, keys: Sequence[Any], values: Sequence[str | None], before: Sequence[str | None],
              points: Sequence[bool]) -> dict[str, Any]:
    """What was before, how much it has changed, and whether the period still goes on."""
    period, today = _period(question, keys), question.access.scope.today
    if period is None or period.start > today:  # no time at all, or one that nothing can be compared with yet
        before = [None] * len(values)
    return {"before": before, "unfinished": period is not None and period.has(today),
            "change": [change(*cell) for cell in zip(values, before, points, strict=True)]}


def _period(question: Question, keys: Sequence[Any]) -> Period | None:
    if question.time is None:
        return question.within and question.within.period
    try:
        return bucket_at(date.fromisoformat(keys[question.time]), question.unit, question.first_month)
    except (OverflowError, TypeError, ValueError):  # no date, or one at an end of the calendar
        return None


def _values(measure: Measure, currencies: Sequence[str], cells: Iterator[Any]) -> list[str | None]:
    """The numbers of one measure, one per currency."""
    found = [(term, list(islice(cells, parts_of(term, currencies)))) for term in measure.terms]
    if len(found) > 1:
        part, whole = (_number(term, parts) for term, parts in found)
        return [ratio(part, whole)]
    [(term, parts)] = found
    step = parts_of(term, ("",))
    return [_text(term, parts[start:start + step]) for start in range(0, len(parts), step)]


def _text(term: Measure, parts: Sequence[Any]) -> str | None:
    if isinstance(parts[0], datetime | date):
        return _moment(parts[0])
    number = _number(term, parts)
    return None if number is None else rounded(number, _scale(term))


def _scale(term: Measure) -> int:
    if term.field is None or term.op in ("count", "count_distinct"):
        return 0
    return term.field.decimals + (_MORE_DIGITS if term.op == "avg" and not term.has_amounts else 0)


def _number(term: Measure, parts: Sequence[Any]) -> Fraction | None:
    """A sum of nothing is zero, any other measure of nothing is nothing; an amount without a rate makes it unknown."""
    if term.in_base and parts[-1]:
        return None
    if term.op == "avg":
        return Fraction(parts[0]) / parts[1] if parts[1] else None
    if term.op in ("min", "max"):
        return None if parts[0] is None else Fraction(parts[0])
    return Fraction(parts[0] or 0)


def _moment(value: Any) -> str:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return str(value)


def rounded(number: Fraction, scale: int) -> str:
    """The number with so many decimals, halves away from zero."""
    scaled = abs(number) * 10 ** scale
    whole = int(scaled + Fraction(1, 2))
    return format(Decimal(-whole if number < 0 else whole).scaleb(-scale), "f")


def ratio(part: Fraction | int | None, whole: Fraction | int | None) -> str | None:
    """`"0.2500"`, or None of nothing."""
    if part is None or not whole:
        return None
    return rounded(Fraction(part) / Fraction(whole), RATIO_SCALE)


def change(value: str | None, before: str | None, points: bool = False) -> str | None:
    """By which part a value has grown (of a rate: by how many points); None where that says nothing."""
    try:
        now, then = Fraction(value or ""), Fraction(before or "")
    except ValueError:  # nothing, or a moment
        return None
    return rounded(now - then, RATIO_SCALE) if points else ratio(now - then, abs(then))
