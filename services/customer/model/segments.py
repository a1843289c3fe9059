"""A segment: a condition over the records of one object, whose members are kept current.

Nobody is "me" in a segment: it is the same for every reader. A condition that speaks of today, or of departments, can
become true without any change of a record; such a segment also goes by the clock. One that asks related records watches
them: a change of theirs leaves word which records of the segment's object are to be judged again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chassis.criteria import (
    Clause,
    Criterion,
    ObjectFields,
    Scope,
    Step,
    asked,
    atoms,
    clauses,
    fields_used,
    parse,
    to_predicate,
)
from chassis.criteria.fields import LINK_KINDS
from chassis.criteria.resolve import needs_scope
from services.customer.model.faults import InvalidError

SEGMENTS = "segments"  # what lists call them in their criteria
MAX_SEGMENTS = 50  # of one object


@dataclass(frozen=True)
class Watch:
    """A segment asks the records at the end of a route for these members; an empty route is the record itself."""

    segment_id: str
    route: tuple[Step, ...]
    members: frozenset[str]


@dataclass(frozen=True)
class Segment:
    """One version of a segment, made ready to judge records."""

    id: str
    version: int
    name: Mapping[str, str]
    criterion: Criterion
    fields: frozenset[str]
    by_clock: bool
    holds: Callable[[Mapping[str, Any], Scope], bool]
    watches: tuple[Watch, ...] = ()

    @property
    def is_related(self) -> bool:
        """Whether it asks related records, so that only the database can judge it."""
        return any(watch.route for watch in self.watches)

    def watches_on(self, object_name: str) -> Iterator[Watch]:
        """Those on related records of an object."""
        return (watch for watch in self.watches if watch.route and watch.route[-1].object == object_name)


def read_criterion(given: Any, fields: ObjectFields) -> Criterion:
    """The condition of a segment; raises CriteriaError, or InvalidError when it says nothing or speaks of "me"."""
    criterion = parse(given, fields.without(SEGMENTS), pointer="/criteria")
    if not any(True for _ in atoms(criterion)):
        raise InvalidError.at("/criteria", "no_condition")
    if any(_speaks_of_reader(clause) for clause in clauses(criterion)):
        raise InvalidError.at("/criteria", "speaks_of_reader")
    return criterion


def compiled(id: str, version: int, name: Mapping[str, str], criterion: Criterion) -> Segment:
    """The segment ready to judge."""
    return Segment(id, version, name, criterion, frozenset(fields_used(criterion)),
                   any(needs_scope(clause) for clause in clauses(criterion)), to_predicate(criterion),
                   tuple(Watch(id, route, members) for route, members in asked(criterion)))


def _speaks_of_reader(clause: Clause) -> bool:
    values = clause.value if isinstance(clause.value, tuple) else (clause.value,)
    return clause.kind in LINK_KINDS and any(isinstance(value, str) and value.startswith("$") for value in values)
