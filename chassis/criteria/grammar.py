"""From JSON to a criterion.

The outline (how deep, how many clauses) is walked with an explicit stack first, so that no hostile document
can exhaust Python's own stack; only a document within the bounds is then read, clause by clause.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from chassis.criteria.errors import CriteriaError, pointer_to, printable
from chassis.criteria.fields import ALL_OPERATORS, CHANGES, WITHOUT_VALUE, Field, find_field
from chassis.criteria.nodes import AllOf, AnyOf, Clause, Criterion, Has, Not, Step, clauses
from chassis.criteria.related import MAX_ALONG, MAX_COUNT, MAX_HOPS, MAX_RELATED, Relation, relate_of
from chassis.criteria.values import read_value

MAX_DEPTH = 8
MAX_CLAUSES = 100
MAX_VALUES = 5000

_GROUPS = {"all": AllOf, "any": AnyOf}
_QUANTIFIERS = ("some", "none", "at_least")


def parse(data: Any, fields: Mapping[str, Field], *, rules: bool = False, pointer: str = "") -> Criterion:
    """Read a criterion from decoded JSON.

    `rules` admits `changed`, `changed_to` and `changed_from`; `pointer` says where in a larger document the
    criterion stands. Related records can be asked when `fields` are `ObjectFields`. Raises CriteriaError for every
    document that is not a criterion over readable fields, and nothing else.
    """
    _check_outline(data, pointer)
    criterion = _Parser(fields, rules).node(data, pointer)
    _check_related(criterion, pointer)
    _check_values(criterion, pointer)
    return criterion


def _check_outline(data: Any, pointer: str) -> None:
    counts = {"groups": 0, "clauses": 0}
    stack = [(data, 1)]
    while stack:
        node, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise CriteriaError(pointer, "too_deep", limit=MAX_DEPTH)
        parts = list(_parts(node))
        counts["groups" if parts else "clauses"] += 1
        if len(parts) > MAX_CLAUSES or max(counts.values()) > MAX_CLAUSES:
            raise CriteriaError(pointer, "too_many_clauses", limit=MAX_CLAUSES)
        stack.extend((part, depth + 1) for part in parts)


def _parts(node: Any) -> Iterator[Any]:
    if not isinstance(node, dict):
        return
    for name in ("not", "where"):
        if name in node:
            yield node[name]
    for name in _GROUPS:
        if isinstance(node.get(name), list):
            yield from node[name]


def _check_values(criterion: Criterion, pointer: str) -> None:
    """Databases bound the number of values of one statement; so do we."""
    lengths = (len(clause.value) for clause in clauses(criterion) if isinstance(clause.value, tuple))
    if sum(lengths) > MAX_VALUES:
        raise CriteriaError(pointer, "too_many_values", limit=MAX_VALUES)


def _check_related(criterion: Criterion, pointer: str) -> None:
    if _count_related(criterion) > MAX_RELATED:
        raise CriteriaError(pointer, "too_many_related", limit=MAX_RELATED)


def _count_related(criterion: Criterion) -> int:
    if isinstance(criterion, Clause):
        return int(bool(criterion.path))
    if isinstance(criterion, Has):
        return 1 + _count_related(criterion.part)
    return sum(map(_count_related, [criterion.part] if isinstance(criterion, Not) else criterion.parts))


class _Parser:
    def __init__(self, fields: Mapping[str, Field], rules: bool, hops: int = 0) -> None:
        self.fields, self.rules, self.hops = fields, rules, hops

    def node(self, data: Any, pointer: str) -> Criterion:
        if not isinstance(data, dict):
            raise CriteriaError(pointer, "expected_object")
        for name in ("all", "any", "not"):
            if name in data:
                _only_members(data, (name,), pointer)
                return self.connective(name, data[name], pointer_to(pointer, name))
        return self.group(data, pointer) if "related" in data else self.clause(data, pointer)

    def connective(self, name: str, data: Any, pointer: str) -> Criterion:
        if name == "not":
            return Not(self.node(data, pointer))
        if not isinstance(data, list):
            raise CriteriaError(pointer, "expected_list")
        parts = (self.node(part, pointer_to(pointer, str(index))) for index, part in enumerate(data))
        return _GROUPS[name](tuple(parts))

    def group(self, data: dict[str, Any], pointer: str) -> Criterion:
        at = pointer_to(pointer, "related")
        name = _text(data["related"], at)
        if "." not in name:
            raise CriteriaError(at, "unknown_related", name=printable(name))
        step, beyond = self.step(name, at)
        op = _text(_member(data, "op", pointer), pointer_to(pointer, "op"))
        if op not in _QUANTIFIERS:
            raise CriteriaError(pointer_to(pointer, "op"), "unknown_quantifier", op=printable(op))
        counted = op == "at_least"
        _only_members(data, ("related", "op", "where", *(["value"] if counted else [])), pointer)
        least = _count(_member(data, "value", pointer), pointer_to(pointer, "value")) if counted else 1
        part = beyond.node(data["where"], pointer_to(pointer, "where")) if "where" in data else AllOf(())
        found = Has(step, part, least)
        return Not(found) if op == "none" else found

    def step(self, name: str, pointer: str) -> tuple[Step, _Parser]:
        """The way along a reference, or back from one, and the parser for what stands at its end."""
        relate, back = relate_of(self.fields), "." in name
        if relate is None:
            raise CriteriaError(pointer, "related_not_here")
        relation = relate(name)
        if relation is None:
            raise CriteriaError(pointer, "unknown_related", name=printable(name))
        return Step(relation.object, name.partition(".")[2] if back else name, back), self.beyond(
            relation, MAX_HOPS if back else MAX_ALONG, pointer)

    def beyond(self, relation: Relation, limit: int, pointer: str) -> _Parser:
        if self.hops >= limit:
            raise CriteriaError(pointer, "too_far", limit=limit)
        return _Parser(relation.fields(), False, self.hops + 1)

    def clause(self, data: dict[str, Any], pointer: str) -> Clause:
        name = _text(_member(data, "field", pointer), pointer_to(pointer, "field"))
        root = self.fields.get(name.partition(".")[0])
        if "." in name and root and root.readable and root.kind == "reference":
            return self.along(data, name, pointer)
        field = self.field(name, pointer_to(pointer, "field"))
        op = self.operator(_member(data, "op", pointer), field, pointer_to(pointer, "op"))
        if op in WITHOUT_VALUE:
            _only_members(data, ("field", "op"), pointer)
            return Clause(field.name, field.kind, op)
        _only_members(data, ("field", "op", "value"), pointer)
        value = read_value(_member(data, "value", pointer), field, op, pointer_to(pointer, "value"))
        return Clause(field.name, field.kind, op, value, _currency(field, value))

    def along(self, data: dict[str, Any], name: str, pointer: str) -> Clause:
        """A clause about the record that a reference leads to."""
        reference, _, rest = name.partition(".")
        at = pointer_to(pointer, "field")
        step, beyond = self.step(reference, at)
        found = beyond.clause({**data, "field": rest}, pointer)
        return replace(found, field=f"{reference}.{found.field}", path=(step, *found.path))

    def field(self, name: str, pointer: str) -> Field:
        found = find_field(name, self.fields)
        if found is None:
            raise CriteriaError(pointer, "unknown_field", field=printable(name))
        return found

    def operator(self, op: Any, field: Field, pointer: str) -> str:
        _text(op, pointer)
        if op not in ALL_OPERATORS:
            raise CriteriaError(pointer, "unknown_operator", op=printable(op))
        if op in CHANGES and not self.rules:
            raise CriteriaError(pointer, "only_in_rules", op=op)
        if op not in field.operators(rules=self.rules):
            raise CriteriaError(pointer, "operator_not_allowed", op=op, kind=field.kind)
        return op


def _currency(field: Field, value: Any) -> str | None:
    """The currency in which money is compared; with 0 in all of them, since nothing is nothing in each."""
    return None if field.kind != "money" or value == 0 else field.currency


def _text(value: Any, pointer: str) -> str:
    if not isinstance(value, str):
        raise CriteriaError(pointer, "expected_text")
    return value


def _count(value: Any, pointer: str) -> int:
    if type(value) is not int or not 1 <= value <= MAX_COUNT:
        raise CriteriaError(pointer, "expected_count", limit=MAX_COUNT)
    return value


def _member(data: dict[str, Any], name: str, pointer: str) -> Any:
    if name not in data:
        raise CriteriaError(pointer, "missing_member", member=name)
    return data[name]


def _only_members(data: dict[str, Any], known: tuple[str, ...], pointer: str) -> None:
    for name in data:
        if name not in known:
            raise CriteriaError(pointer_to(pointer, name), "unknown_member", member=printable(name))
