"""A question to the read model, read against what its caller may see.

The shape of the request is checked at the edge; here its words become measures and dimensions over fields. A field that
does not exist and one that the caller may not read are the same error, along references as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.criteria import Criterion, Field
from chassis.criteria.fields import NUMBER_KINDS, TEMPORAL_KINDS
from chassis.http.problem import FieldProblem, invalid
from services.report.model.access import Access, Place
from services.report.model.measures import Faults, Measure, read_criterion, read_measure
from services.report.model.periods import Period, Span, period_of, step

MAX_MEASURES, MAX_DIMENSIONS, MAX_GROUPS = 8, 3, 2000
DEFAULT_BUCKET = "day"
_NOT_GROUPED = frozenset({"long_text", "money"})


@dataclass(frozen=True)
class Dimension:
    """What groups are made by; `bucket` of dates and moments, `empty`: also choices that no record has."""

    place: Place
    bucket: str | None = None
    empty: bool = False

    @property
    def name(self) -> str:
        """The field by the name that the question gives it."""
        return self.place.name

    @property
    def field(self) -> Field:
        """The field at the end of the references."""
        return self.place.field

    @property
    def choices(self) -> list[str]:
        """The values of a choice, in their order."""
        return [choice["value"] for choice in self.place.described.choices]


@dataclass(frozen=True)
class Order:
    """One member of an order: a measure or a dimension by its place."""

    place: int
    by_measure: bool
    down: bool


@dataclass(frozen=True)
class Within:
    """The period to which a question is limited, and the date or moment that lies in it."""

    place: Place
    period: Period


@dataclass(frozen=True)
class BaseMoney:
    """The base currency, and the company's time zone: by its clock a record was made on a day."""

    currency: str
    timezone: str


@dataclass(frozen=True)
class Question:
    """What is asked, ready to become a statement."""

    access: Access
    measures: tuple[Measure, ...]
    dimensions: tuple[Dimension, ...]
    criterion: Criterion | None = None
    limit: int = 200
    order: tuple[Order, ...] = ()
    within: Within | None = None
    first_month: int = 1
    money: BaseMoney | None = None

    @property
    def time(self) -> int | None:
        """The place of the (first) dimension over time."""
        return next((place for place, one in enumerate(self.dimensions) if one.bucket is not None), None)

    @property
    def unit(self) -> str:
        """What is compared: a bucket, or the whole period."""
        if self.time is not None:
            return str(self.dimensions[self.time].bucket)
        return self.within.period.unit if self.within is not None else DEFAULT_BUCKET

    @property
    def comparisons(self) -> tuple[str, ...]:
        """Which earlier periods are looked at."""
        return tuple(dict.fromkeys(one.compare for one in self.measures if one.compare is not None))

    def step(self, compare: str) -> Span:
        """How much earlier the records of a comparison lie."""
        return step(self.unit, compare)


def read_question(access: Access, asked: Mapping[str, Any], first_month: int = 1,
                  money: BaseMoney | None = None) -> Question:
    """The question of a request; raises 422 with the place of everything that is wrong."""
    faults: Faults = []
    measures = tuple(read_measure(access, one, f"/measures/{place}", faults)
                     for place, one in enumerate(asked["measures"]))
    dimensions = [_dimension(access, one, f"/dimensions/{place}", faults)
                  for place, one in enumerate(asked["dimensions"])]
    kept = tuple(one for one in dimensions if one is not None)
    within = _within(access, asked.get("period"), first_month, faults)
    _check_together(kept, measures, within, faults)
    order = _order(asked["sort"], len(measures), len(dimensions), faults)
    if faults:
        raise invalid(*faults)
    return Question(access, measures, kept, read_criterion(access, asked.get("criteria")), asked["limit"], order,
                    within, first_month, money)


def read_stages(access: Access, asked: Mapping[str, Any]) -> tuple[Place, tuple[str, ...]]:
    """The field of a funnel and its stages in their order; raises 422."""
    field = access.field(asked["field"])
    if field is None:
        raise invalid(FieldProblem("/field", "unknown_field"))
    if field.kind != "choice":
        raise invalid(FieldProblem("/field", "not_a_choice_field"))
    place = Place(field.name, field, access.model)
    known = tuple(choice["value"] for choice in place.described.choices)
    stages = tuple(asked["stages"] or known)
    wrong = [place for place, stage in enumerate(stages) if stage not in known or stage in stages[:place]]
    if wrong:
        raise invalid(*(FieldProblem(f"/stages/{place}", "not_a_choice") for place in wrong))
    return place, stages


def _dimension(access: Access, asked: Mapping[str, Any], pointer: str, faults: Faults) -> Dimension | None:
    bucket, place = asked.get("bucket"), access.place(asked["field"])
    if place is None:
        faults.append(FieldProblem(f"{pointer}/field", "unknown_field"))
        return None
    kind = place.field.kind
    if kind in _NOT_GROUPED:
        faults.append(FieldProblem(f"{pointer}/field", "not_groupable", {"kind": kind}))
    temporal = kind in TEMPORAL_KINDS
    if bucket is not None and not temporal:
        faults.append(FieldProblem(f"{pointer}/bucket", "bucket_needs_date"))
    if asked["empty"] and kind not in ("choice", "multi_choice"):
        faults.append(FieldProblem(f"{pointer}/empty", "not_a_choice_field"))
    return Dimension(place, (bucket or DEFAULT_BUCKET) if temporal else None, asked["empty"])


def _within(access: Access, asked: Mapping[str, Any] | None, first_month: int, faults: Faults) -> Within | None:
    if asked is None:
        return None
    place = access.place(asked["field"])
    if place is None:
        faults.append(FieldProblem("/period/field", "unknown_field"))
    elif place.field.kind not in TEMPORAL_KINDS:
        faults.append(FieldProblem("/period/field", "bucket_needs_date"))
    else:
        return Within(place, period_of(asked["is"], access.scope.today, first_month))
    return None


def _check_together(dimensions: Sequence[Dimension], measures: Sequence[Measure], within: Within | None,
                    faults: Faults) -> None:
    if sum(one.field.kind == "multi_choice" for one in dimensions) > 1:
        faults.append(FieldProblem("/dimensions", "one_multi_choice"))
    times = [one for one in dimensions if one.bucket is not None]
    for place, measure in enumerate(measures):
        if measure.running:
            _check_running(dimensions, times, f"/measures/{place}/running", faults)
        if measure.compare is not None:
            _check_comparison(times, within, f"/measures/{place}/compare", faults)


def _check_running(dimensions: Sequence[Dimension], times: Sequence[Dimension], pointer: str, faults: Faults) -> None:
    if len(times) != 1:
        faults.append(FieldProblem(pointer, "one_time_needed"))
    if any(one.empty for one in dimensions):
        faults.append(FieldProblem(pointer, "not_with_empty"))


def _check_comparison(times: Sequence[Dimension], within: Within | None, pointer: str, faults: Faults) -> None:
    names = {one.name for one in times} | ({within.place.name} if within is not None else set())
    if len(names) != 1 or len(times) > 1:
        faults.append(FieldProblem(pointer, "one_time_needed"))


def _order(asked: Sequence[Mapping[str, Any]], measures: int, dimensions: int, faults: Faults) -> tuple[Order, ...]:
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
