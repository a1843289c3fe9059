"""The shape of a list: what decides which index would serve it, without any value.

A shape is the members that must be equal to something, the member that the caller's data scope fixes, and the order.
A composite index over the equal members, the scope's member and the order, in this sequence, answers such a list by
reading exactly the rows that it shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from chassis.criteria import AllOf, Clause, Criterion

_COMPARED_AS_THEY_ARE = frozenset({
    "text", "phone", "email", "url", "region", "auto_number", "choice", "boolean", "integer", "decimal", "percent",
    "user", "department", "reference"})
MOST_EQUAL = 4
_SCOPES: Mapping[str, str] = {"own": "owner_id", "department": "department_id"}


class ListShape(NamedTuple):
    """`equal` is in the order of names; `order` is (member, descending), ended by the id."""

    equal: tuple[str, ...]
    scope: str
    order: tuple[tuple[str, bool], ...]

    def without_scope(self) -> ListShape:
        """The same list for somebody who sees everything."""
        return self._replace(scope="")

    def to_json(self) -> dict[str, Any]:
        """The shape as it is kept."""
        return {"equal": list(self.equal), "scope": self.scope, "order": [list(key) for key in self.order]}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> ListShape:
        """The shape that was kept."""
        return cls(tuple(kept["equal"]), kept["scope"], tuple((name, down) for name, down in kept["order"]))

    def members(self) -> list[str]:
        """Everything that an index for the shape has columns of, in their sequence."""
        scope = [self.scope] if self.scope else []
        return [*self.equal, *scope, *(name for name, _ in self.order)]


def shape_of(criterion: Criterion | None, scopes: frozenset[str], order: tuple[tuple[str, bool], ...]) -> ListShape:
    """The shape of a list; a scope that is more than one equality counts as none."""
    equal = sorted({clause.field for clause in _equalities(criterion)})[:MOST_EQUAL]
    scope = _SCOPES.get(next(iter(scopes)), "") if len(scopes) == 1 else ""
    return ListShape(tuple(equal), "" if scope in equal else scope,
                     tuple(key for key in order if key[0] not in equal))


def _equalities(criterion: Criterion | None) -> Iterator[Clause]:
    if isinstance(criterion, AllOf):
        for part in criterion.parts:
            yield from _equalities(part)
    elif isinstance(criterion, Clause) and _is_equality(criterion):
        yield criterion


def _is_equality(clause: Clause) -> bool:
    one = clause.op == "eq" or (clause.op == "in" and len(clause.value) == 1)
    return one and not clause.path and clause.kind in _COMPARED_AS_THEY_ARE
