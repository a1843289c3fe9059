"""How criteria look beyond the record itself: along its references, and back to the records that refer to it.

A path (`customer_id.level`) is a clause with steps before it; a group (`Has`) counts the records that refer to this
one. Both may lead `MAX_HOPS` steps away. What may be reached is said by whoever hands the fields over: `ObjectFields`
find a `Relation` for a reference, and for an object that refers here. Plain mappings find none, so where related
records cannot be asked they are refused. How they are asked is in the scope: tables for SQL, records for predicates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from sqlalchemy import ColumnElement, FromClause

from chassis.criteria.fields import Field
from chassis.criteria.nodes import AllOf, AnyOf, Clause, Criterion, Has, Not, Step

MAX_HOPS = 2
MAX_RELATED = 20
MAX_COUNT = 1000

Relate = Callable[[str], "Relation | None"]


class ObjectFields(dict[str, Field]):
    """The fields of an object, and what its records are related to.

    `relate` knows the names of references, and `<object>.<reference>` for the records that refer to this one.
    """

    def __init__(self, fields: Mapping[str, Field], relate: Relate) -> None:
        super().__init__(fields)
        self.relate = relate

    def without(self, name: str) -> ObjectFields:
        """The same without one field."""
        return ObjectFields({own: field for own, field in self.items() if own != name}, self.relate)


@dataclass(frozen=True)
class Relation:
    """The object at the other end; its fields are made when they are asked for."""

    object: str
    fields: Callable[[], Mapping[str, Field]]


class RelatedTable(NamedTuple):
    """A fresh alias of the table of an object, its columns, and a condition for rows that may be looked at."""

    table: FromClause
    columns: Mapping[str, Any]
    condition: ColumnElement[bool] | None = None


class Around(Protocol):
    """The records around those that are judged, for predicates."""

    def record(self, step: Step, id: str) -> Mapping[str, Any] | None:
        """The record that a reference leads to; None when there is none, or none that may be looked at."""

    def has(self, node: Has, record: Mapping[str, Any], scope: Any) -> bool:
        """Whether enough records refer to this one and meet the criterion of the group."""


class RecordsAround:
    """All records of some objects in memory; a group is judged one by one."""

    def __init__(self, records: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        self._records = records
        self._by_id = {name: {one["id"]: one for one in every} for name, every in records.items()}

    def record(self, step: Step, id: str) -> Mapping[str, Any] | None:
        """The record of that id."""
        return self._by_id.get(step.object, {}).get(id)

    def has(self, node: Has, record: Mapping[str, Any], scope: Any) -> bool:
        """Count the records that refer to this one."""
        from chassis.criteria.predicate import to_predicate

        holds = to_predicate(node.part)
        referring = (one for one in self._records.get(node.step.object, ())
                     if one.get(node.step.reference) == record["id"])
        return sum(1 for one in referring if holds(one, scope)) >= node.least


def relate_of(fields: Mapping[str, Field]) -> Relate | None:
    """What finds the relations of records with these fields; None where related records cannot be asked."""
    return fields.relate if isinstance(fields, ObjectFields) else None


def is_related(criterion: Criterion) -> bool:
    """Whether the criterion asks for any related record."""
    return any(route for route, _ in asked(criterion))


def asked(criterion: Criterion) -> Iterator[tuple[tuple[Step, ...], frozenset[str]]]:
    """Each route from the record, and the members that decide at its end; the record itself has the route ()."""
    found: dict[tuple[Step, ...], set[str]] = {}
    for route, member in _members(criterion, ()):
        found.setdefault(route, set())
        if member:
            found[route].add(member)
    for route, members in found.items():
        yield route, frozenset(members)


def _members(criterion: Criterion, route: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], str]]:
    if isinstance(criterion, Clause):
        for place, step in enumerate(criterion.path):
            yield (*route, *criterion.path[:place]), step.reference
        yield (*route, *criterion.path), criterion.inner.root
    elif isinstance(criterion, Not):
        yield from _members(criterion.part, route)
    elif isinstance(criterion, Has):
        yield (*route, criterion.step), criterion.step.reference
        yield from _members(criterion.part, (*route, criterion.step))
    elif isinstance(criterion, AllOf | AnyOf):
        for part in criterion.parts:
            yield from _members(part, route)
