"""Search: a text anywhere in the title or in one of the fields that people look for."""

from __future__ import annotations

import re
from typing import Any

from chassis.criteria import AllOf, AnyOf, Clause, CriteriaError, Criterion, Not, clauses, parse
from chassis.http.criteria import criteria_problem
from services.customer.model.faults import Fault
from services.customer.model.segments import SEGMENTS, Segment
from services.customer.usecases.access import Access
from services.customer.usecases.refusals import refusal

MAX_SEARCH = 100
_PHONE_NOISE = re.compile(r"[\s()\-./]+")


def search_criterion(access: Access, text: Any, pointer: str) -> Criterion | None:
    """The criterion of a search; None for an empty one. Raises 422 for what cannot be searched."""
    if text is None:
        return None
    if not isinstance(text, str) or len(text) > MAX_SEARCH or not text.strip().isprintable():
        raise refusal([Fault(pointer, "bad_search", {"max": MAX_SEARCH})])
    sought = text.strip()
    if not sought:
        return None
    fields = [field for field in access.record_type.searched if field.name in access.shape.readable]
    return AnyOf(tuple(_unless_masked(access, Clause(field.name, field.row.kind, "contains",
                                                     _sought(field.type, sought))) for field in fields))


def _unless_masked(access: Access, clause: Clause) -> Criterion:
    """The clause, which finds no record of a pool that masks the field for the caller."""
    if clause.field not in access.masked_in_pools:
        return clause
    masking = tuple(one.criterion for one in access.grants.rules if clause.field in one.rule.masked)
    return AllOf((clause, Not(AnyOf(masking))))


def read_criteria(access: Access, given: Any, pointer: str) -> Criterion | None:
    """The criterion of a request; raises 422 with the place of what is wrong."""
    if given is None:
        return None
    try:
        criterion = parse(given, access.criteria_fields, pointer=pointer)
    except CriteriaError as error:
        raise criteria_problem(error, "") from error
    for segment in _segments(access, criterion, pointer):
        access.asked.update(name for watch in segment.watches if not watch.route for name in watch.members)
    access.asked.update(clause.field.partition(".")[0] for clause in clauses(criterion))
    return criterion


def _segments(access: Access, criterion: Criterion, pointer: str) -> list[Segment]:
    """The segments that are asked for; raises 422 for one that is not there, or that would tell of fields which the
    caller must not read."""
    if SEGMENTS in access.record_type.fields:
        return []
    asked = {value for clause in clauses(criterion) if clause.field == SEGMENTS
             for value in (clause.value if isinstance(clause.value, tuple) else (clause.value,))}
    found = [one for one in access.record_type.segments if one.id in asked and access.knows(one)]
    if len(found) < len(asked):
        raise refusal([Fault(pointer, "unknown_segment")])
    return found


def combined(*criteria: Criterion | None) -> Criterion | None:
    """All of them; None when there is none."""
    parts = tuple(one for one in criteria if one is not None)
    return AllOf(parts) if parts else None


def _sought(kind: str, text: str) -> str:
    """Telephone numbers are kept without the blanks and dashes that people write."""
    bare = _PHONE_NOISE.sub("", text)
    return bare if kind == "phone" and bare.lstrip("+").isdigit() else text
