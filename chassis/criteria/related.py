"""How criteria look beyond the record itself: along its references, and back to the records that refer to it.

A path (`customer_id.level`) is a clause with steps before it; a group (`Has`) counts the records that refer to this
one. Groups may lead `MAX_HOPS` steps away, paths `MAX_ALONG`. What may be reached is said by whoever hands the fields
over: `ObjectFields` find a `Relation` for a reference, and for an object that refers here. Plain mappings find none, so
where related records cannot be asked they are refused. How they are asked is in the scope: tables for SQL, records for
predicates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

from sqlalchemy import ColumnElement, FromClause

from chassis.criteria.fields import COMPLEMENTS, Field
from chassis.criteria.nodes import AllOf, AnyOf, Clause, Criterion, Has, Not, Step, atoms

MAX_HOPS = 2
MAX_ALONG = 3  # as in formulas
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
    """What is around the records that are judged, for predicates."""

    def holds(self, atom: Clause | Has, record: Mapping[str, Any], scope: Any) -> bool:
        """Whether a positive clause with a path, or a group, holds for a record that has its `key_of`."""


class RecordsAround:
    """All records of some objects in memory, judged one by one."""

    def __init__(self, records: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        self._records = records
        self._by_id = {name: {one["id"]: one for one in every} for name, every in records.items()}

    def holds(self, atom: Clause | Has, record: Mapping[str, Any], scope: Any) -> bool:
        """Judge the record that the reference leads to, or count those that refer to this one."""
        from chassis.criteria.predicate import to_predicate

        if isinstance(atom, Clause):
            beyond = self._by_id.get(atom.path[0].object, {}).get(record[atom.root])
            return beyond is not None and to_predicate(atom.beyond)(beyond, scope)
        judge = to_predicate(atom.part)
        referring = (one for one in self._records.get(atom.step.object, ())
                     if one.get(atom.step.reference) == record["id"])
        return sum(1 for one in referring if judge(one, scope)) >= atom.least


def key_of(atom: Clause | Has) -> str:
    """The member of the record in hand on which a related condition depends: its reference, or its id."""
    return "id" if isinstance(atom, Has) else atom.root


def related_atoms(criterion: Criterion) -> Iterator[Clause | Has]:
    """The conditions over related records, each without a negation of its own, as `Around` is asked for them."""
    for atom in atoms(criterion):
        if isinstance(atom, Has):
            yield atom
        elif atom.path:
            yield replace(atom, op=COMPLEMENTS.get(atom.op, atom.op))


def supposing(criterion: Criterion, held: bool = True) -> Criterion:
    """The criterion over the record alone, as if every related condition turned out in its favour (or against it)."""
    if isinstance(criterion, Not):
        return Not(supposing(criterion.part, not held))
    if isinstance(criterion, AllOf | AnyOf):
        return replace(criterion, parts=tuple(supposing(part, held) for part in criterion.parts))
    if isinstance(criterion, Has) or criterion.path:
        return AllOf(()) if held else AnyOf(())
    return criterion


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
