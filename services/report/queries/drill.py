"""From a cell of an answer to the criteria of its records: what a list needs to show just those.

They are written out: periods as days, which a list reads in the caller's time zone as the answer did. So the list has
as many records as the cell has counted, as long as nothing changes and the same person looks at both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from chassis.http.criteria import parse_criteria
from chassis.http.problem import FieldProblem, invalid
from services.report.model.measures import BASE
from services.report.model.periods import Period, bucket_at
from services.report.model.questions import Dimension, Question, read_question
from services.report.queries.answering import Asking

Json = dict[str, Any]


def answer_drill(at: Asking, asked: Mapping[str, Any]) -> Json:
    """`{"object", "criteria"}` of a cell; raises 422 for what is no cell of the question."""
    given, keys = asked["query"], asked["keys"]
    access = at.access(given["object"], "/query/object")
    question = read_question(access, given, at.first_month, at.money)
    if len(keys) != len(question.dimensions):
        raise invalid(FieldProblem("/keys", "wrong_length"))
    place = asked.get("measure")
    if place is not None and place >= len(given["measures"]):
        raise invalid(FieldProblem("/measure", "out_of_range"))
    chosen = given["measures"][place] if place is not None else {}
    parts = [given.get("criteria"), *_period(question), *_groups(question, keys, chosen.get("running", False)),
             *_of_measure(chosen, asked.get("currency"))]
    criteria = {"all": [part for part in parts if part is not None]}
    parse_criteria(criteria, access.fields, pointer="/keys")
    return {"object": given["object"], "criteria": criteria}


def _period(question: Question) -> Iterator[Json]:
    if question.within is not None:
        yield _days(question.within.place.name, question.within.period)


def _days(field: str, period: Period) -> Json:
    return {"field": field, "op": "between", "value": [period.start.isoformat(), period.last.isoformat()]}


def _groups(question: Question, keys: Sequence[Any], running: bool) -> Iterator[Json]:
    for place, (dimension, key) in enumerate(zip(question.dimensions, keys, strict=True)):
        try:
            yield _group(question, dimension, key, running)
        except (OverflowError, TypeError, ValueError) as error:
            raise invalid(FieldProblem(f"/keys/{place}", "wrong_type")) from error


def _group(question: Question, dimension: Dimension, key: Any, running: bool) -> Json:
    field, kind = dimension.name, dimension.field.kind
    if key is None:
        return {"field": field, "op": "is_empty"}
    if dimension.bucket is not None:
        period = bucket_at(date.fromisoformat(key), dimension.bucket, question.first_month)
        return {"field": field, "op": "lte", "value": period.last.isoformat()} if running else _days(field, period)
    if kind == "multi_choice":
        return {"field": field, "op": "has", "value": key}
    return {"field": field, "op": "eq", "value": int(key) if kind == "integer" else key}


def _of_measure(measure: Mapping[str, Any], currency: str | None) -> Iterator[Json | None]:
    """What a measure counts among the records of its group; of a rate, its part."""
    yield measure.get("criteria")
    if measure.get("part") is not None:
        yield from _of_measure(measure["part"], None)
    if measure.get("field") is not None:
        yield {"field": measure["field"], "op": "is_set"}
        if currency is not None and measure.get("currency") != BASE:
            yield {"field": f"{measure['field']}.currency", "op": "eq", "value": currency}
