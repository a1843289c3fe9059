"""A question to the read model, read against what its caller may see.

The shape of the request is checked at the edge; here its words become measures and dimensions over fields. A field that
does not exist and one that the caller may not read are the same error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.criteria import Criterion, Field, clauses
from chassis.criteria.fields import LINK_KINDS, NUMBER_KINDS, TEMPORAL_KINDS
from chassis.http.criteria import parse_criteria
from chassis.http.problem import FieldProblem, invalid
from services.report.model.access import Access

OPS = ("count", "sum", "avg", "min", "max", "count_distinct")
BUCKETS = ("day", "week", "month", "quarter", "year")
MAX_MEASURES, MAX_DIMENSIONS, MAX_GROUPS = 8, 3, 2000
DEFAULT_BUCKET = "day"

_KINDS_OF: Mapping[str, frozenset[str]] = {
    "sum": NUMBER_KINDS, "avg": NUMBER_KINDS, "min": NUMBER_KINDS | TEMPORAL_KINDS,
    "max": NUMBER_KINDS | TEMPORAL_KINDS,
}
_NOT_DISTINCT = frozenset({"long_text", "multi_choice", "money"})
_NOT_GROUPED = frozenset({"long_text", "money"})


@dataclass(frozen=True)
class Measure:
    """A number per group; `field` is None only for the count of records."""

    op: str
    name: str | None = None
    field: Field | None = None

    @property
    def is_money(self) -> bool:
        """Whether there is one number per currency."""
        return self.field is not None and self.field.kind == "money" and self.op not in ("count", "count_distinct")


@dataclass(frozen=True)
class Dimension:
    """What groups are made by; `bucket` of dates and moments, `empty`: also choices that no record has."""

    name: str
    field: Field
    bucket: str | None = None
    empty: bool = False


@dataclass(frozen=True)
class Order:
    """One member of an order: a measure or a dimension by its place."""

    place: int
    by_measure: bool
    down: bool


@dataclass(frozen=True)
class Question:
    """What is asked, ready to become a statement."""

    access: Access
    measures: tuple[Measure, ...]
    dimensions: tuple[Dimension, ...]
    criterion: Criterion | None = None
    limit: int = 200
    order: tuple[Order, ...] = ()


def read_question(access: Access, asked: Mapping[str, Any]) -> Question:
    """The question of a request; raises 422 with the place of everything that is wrong."""
    faults: list[FieldProblem] = []
    measures = tuple(_measure(access, one, f"/measures/{place}", faults)
                     for place, one in enumerate(asked["measures"]))
    dimensions = [_dimension(access, one, f"/dimensions/{place}", faults)
                  for place, one in enumerate(asked["dimensions"])]
    kept = tuple(one for one in dimensions if one is not None)
    _check_together(kept, faults)
    order = _order(asked["sort"], len(measures), len(dimensions), faults)
    if faults:
        raise invalid(*faults)
    return Question(access, measures, kept, read_criterion(access, asked.get("criteria")), asked["limit"], order)


def read_criterion(access: Access, given: Any) -> Criterion | None:
    """The criterion of a request; raises 422."""
    if given is None:
        return None
    criterion = parse_criteria(given, access.fields)
    access.speaks_of(*(clause.field for clause in clauses(criterion)))
    return criterion


def read_stages(access: Access, asked: Mapping[str, Any]) -> tuple[Field, tuple[str, ...]]:
    """The field of a funnel and its stages in their order; raises 422."""
    field = access.field(asked["field"])
    if field is None:
        raise invalid(FieldProblem("/field", "unknown_field"))
    if field.kind != "choice":
        raise invalid(FieldProblem("/field", "not_a_choice_field"))
    known = tuple(choice["value"] for choice in access.model.fields[field.name].choices)
    stages = tuple(asked["stages"] or known)
    wrong = [place for place, stage in enumerate(stages) if stage not in known or stage in stages[:place]]
    if wrong:
        raise invalid(*(FieldProblem(f"/stages/{place}", "not_a_choice") for place in wrong))
    return field, stages


def _measure(access: Access, asked: Mapping[str, Any], pointer: str, faults: list[FieldProblem]) -> Measure:
    op, name = asked["op"], asked.get("field")
    if name is None:
        if op != "count":
            faults.append(FieldProblem(f"{pointer}/field", "required"))
        return Measure(op)
    field = access.field(name)
    if field is None:
        faults.append(FieldProblem(f"{pointer}/field", "unknown_field"))
    elif not _measurable(op, field.kind):
        faults.append(FieldProblem(f"{pointer}/op", "not_measurable", {"op": op, "kind": field.kind}))
    return Measure(op, name, field)


def _measurable(op: str, kind: str) -> bool:
    if op == "count_distinct":
        return kind not in _NOT_DISTINCT
    return op == "count" or kind in _KINDS_OF[op]


def _dimension(access: Access, asked: Mapping[str, Any], pointer: str,
               faults: list[FieldProblem]) -> Dimension | None:
    name, bucket = asked["field"], asked.get("bucket")
    field = access.field(name)
    if field is None:
        faults.append(FieldProblem(f"{pointer}/field", "unknown_field"))
        return None
    if field.kind in _NOT_GROUPED:
        faults.append(FieldProblem(f"{pointer}/field", "not_groupable", {"kind": field.kind}))
    temporal = field.kind in TEMPORAL_KINDS
    if bucket is not None and not temporal:
        faults.append(FieldProblem(f"{pointer}/bucket", "bucket_needs_date"))
    if asked["empty"] and field.kind not in ("choice", "multi_choice"):
        faults.append(FieldProblem(f"{pointer}/empty", "not_a_choice_field"))
    return Dimension(name, field, (bucket or DEFAULT_BUCKET) if temporal else None, asked["empty"])


def _check_together(dimensions: Sequence[Dimension], faults: list[FieldProblem]) -> None:
    several = [one for one in dimensions if one.field.kind == "multi_choice"]
    if len(several) > 1:
        faults.append(FieldProblem("/dimensions", "one_multi_choice"))


def _order(asked: Sequence[Mapping[str, Any]], measures: int, dimensions: int,
           faults: list[FieldProblem]) -> tuple[Order, ...]:
    order = []
    for number, one in enumerate(asked):
        by_measure = one.get("measure") is not None
        place = one.get("measure") if by_measure else one.get("dimension")
        if place is None or (by_measure and one.get("dimension") is not None):
            faults.append(FieldProblem(f"/sort/{number}", "measure_or_dimension"))
        elif place >= (measures if by_measure else dimensions):
            member = "measure" if by_measure else "dimension"
            faults.append(FieldProblem(f"/sort/{number}/{member}", "out_of_range"))
        else:
            order.append(Order(place, by_measure, one["dir"] == "desc"))
    return tuple(order)


def biggest_first(dimension: Dimension) -> bool:
    """Whether groups without an order of their own (people, titles, words) stand by their size."""
    return dimension.field.kind not in TEMPORAL_KINDS | NUMBER_KINDS | {"choice", "multi_choice", "boolean"}


def is_link(field: Field) -> bool:
    """Whether keys are ids that need a name."""
    return field.kind in LINK_KINDS
