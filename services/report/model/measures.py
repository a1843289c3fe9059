"""Measures: what is counted or worked out for each group.

A measure may look at some records only, by criteria of its own. A rate is one number divided by another: two measures,
or how many of the records meet its criteria. Whatever a measure is, it is made of terms, each of which one aggregate of
the database answers; a running total is those aggregates over all periods up to each, so it is right for rates as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chassis.criteria import Criterion, Field, clauses
from chassis.criteria.fields import NUMBER_KINDS, TEMPORAL_KINDS
from chassis.http.criteria import parse_criteria
from chassis.http.problem import FieldProblem
from services.report.model.access import Access, Place

SIMPLE_OPS = ("count", "sum", "avg", "min", "max", "count_distinct")
RATE = "rate"
OPS = (*SIMPLE_OPS, RATE)
BASE = "base"
_KINDS_OF: Mapping[str, frozenset[str]] = {
    "sum": NUMBER_KINDS, "avg": NUMBER_KINDS, "min": NUMBER_KINDS | TEMPORAL_KINDS,
    "max": NUMBER_KINDS | TEMPORAL_KINDS,
}
_NOT_DISTINCT = frozenset({"long_text", "multi_choice", "money"})
_COUNTS = ("count", "count_distinct")
Faults = list[FieldProblem]


@dataclass(frozen=True)
class Measure:
    """A number per group; `place` is None only for the count of records and for rates.

    `in_base`: money is converted to the base currency; `running`: up to each period; `compare`: with which period
    before; `part` and `whole` are those of a rate.
    """

    op: str
    place: Place | None = None
    criterion: Criterion | None = None
    in_base: bool = False
    running: bool = False
    compare: str | None = None
    part: Measure | None = None
    whole: Measure | None = None
    label: Mapping[str, str] | None = None

    @property
    def field(self) -> Field | None:
        """The field that is measured."""
        return self.place.field if self.place is not None else None

    @property
    def name(self) -> str | None:
        """The field by the name that the question gives it."""
        return self.place.name if self.place is not None else None

    @property
    def is_money(self) -> bool:
        """Whether there is one number per currency."""
        return self.has_amounts and not self.in_base

    @property
    def has_amounts(self) -> bool:
        """Whether the number is an amount of money."""
        return self.field is not None and self.field.kind == "money" and self.op not in _COUNTS

    @property
    def terms(self) -> tuple[Measure, ...]:
        """What the database is asked for: the measure itself, or part and whole of a rate."""
        return (self,) if self.part is None or self.whole is None else (self.part, self.whole)


def read_measure(access: Access, asked: Mapping[str, Any], pointer: str, faults: Faults) -> Measure:
    """The measure of a request; what is wrong is added to `faults`."""
    criterion = read_criterion(access, asked.get("criteria"), f"{pointer}/criteria")
    more = {"running": asked.get("running", False), "compare": asked.get("compare"), "label": asked.get("label")}
    if asked["op"] == RATE:
        part, whole = _sides(access, asked, criterion, pointer, faults)
        return _addable(Measure(RATE, part=part, whole=whole, **more), pointer, faults)
    for member in ("part", "whole"):
        if asked.get(member) is not None:
            faults.append(FieldProblem(f"{pointer}/{member}", "only_of_rates"))
    return _addable(_simple(access, asked, criterion, pointer, faults, more), pointer, faults)


def _addable(measure: Measure, pointer: str, faults: Faults) -> Measure:
    """The measure; one of different values cannot run over periods, because a value may come in several of them."""
    if measure.running and any(term.op == "count_distinct" for term in measure.terms):
        faults.append(FieldProblem(f"{pointer}/running", "not_running"))
    return measure


def read_criterion(access: Access, given: Any, pointer: str = "/criteria") -> Criterion | None:
    """The criterion of a request; raises 422."""
    if given is None:
        return None
    criterion = parse_criteria(given, access.fields, pointer=pointer)
    access.speaks_of(*(clause.field for clause in clauses(criterion)))
    return criterion


def _sides(access: Access, asked: Mapping[str, Any], criterion: Criterion | None, pointer: str,
           faults: Faults) -> tuple[Measure, Measure]:
    """Part and whole of a rate: the two measures, or the records that meet the criteria among all."""
    for member in ("field", "currency"):
        if asked.get(member) is not None:
            faults.append(FieldProblem(f"{pointer}/{member}", "not_of_rates"))
    given = [asked.get("part"), asked.get("whole")]
    if given == [None, None] and criterion is not None:
        return Measure("count", criterion=criterion), Measure("count")
    if None in given or criterion is not None:
        faults.append(FieldProblem(pointer, "part_and_whole"))
    part, whole = (_side(access, one, f"{pointer}/{member}", faults) if one is not None else Measure("count")
                   for one, member in zip(given, ("part", "whole"), strict=True))
    return part, whole


def _side(access: Access, asked: Mapping[str, Any], pointer: str, faults: Faults) -> Measure:
    found = _simple(access, asked, read_criterion(access, asked.get("criteria"), f"{pointer}/criteria"), pointer,
                    faults, {})
    if found.is_money:
        faults.append(FieldProblem(f"{pointer}/currency", "base_needed"))
    if found.field is not None and found.field.kind in TEMPORAL_KINDS and found.op in ("min", "max"):
        faults.append(FieldProblem(f"{pointer}/op", "not_measurable", {"op": RATE, "kind": found.field.kind}))
    return found


def _simple(access: Access, asked: Mapping[str, Any], criterion: Criterion | None, pointer: str, faults: Faults,
            more: Mapping[str, Any]) -> Measure:
    op, name, in_base = asked["op"], asked.get("field"), asked.get("currency") == BASE
    place = access.place(name) if name is not None else None
    if name is None and op != "count":
        faults.append(FieldProblem(f"{pointer}/field", "required"))
    elif name is not None and place is None:
        faults.append(FieldProblem(f"{pointer}/field", "unknown_field"))
    elif place is not None and not _measurable(op, place.field.kind):
        faults.append(FieldProblem(f"{pointer}/op", "not_measurable", {"op": op, "kind": place.field.kind}))
    found = Measure(op, place, criterion, in_base, **more)
    if in_base and (place is not None or name is None) and not found.has_amounts:
        faults.append(FieldProblem(f"{pointer}/currency", "not_convertible"))
    return found


def _measurable(op: str, kind: str) -> bool:
    if op == "count_distinct":
        return kind not in _NOT_DISTINCT
    return op == "count" or kind in _KINDS_OF[op]
