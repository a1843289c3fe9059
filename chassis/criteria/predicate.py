"""From a criterion to a Python function that judges the wire form of a record.

The tree is compiled once into closures. A clause is a reader (the typed value of a field, None when it is
missing or unreadable) and a judge; a missing value makes the clause false, exactly as in SQL. What depends on
the scope is worked out once per scope and remembered for the next record.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from chassis.criteria.fields import CHANGES, COMPLEMENTS, LINK_KINDS, TEMPORAL_KINDS, TEXT_KINDS
from chassis.criteria.folding import fold, is_caseless
from chassis.criteria.nodes import AllOf, Clause, Criterion, Has, Not
from chassis.criteria.reading import Reader, is_present, reader
from chassis.criteria.related import key_of
from chassis.criteria.resolve import Interval, interval, members, needs_scope
from chassis.criteria.scope import Change, Scope

Record = Mapping[str, Any]
Predicate = Callable[[Record | Change, Scope], bool]
Test = Callable[[Record, Change | None, Scope], bool]
Judge = Callable[[Any, Scope], bool]

_SAME_ON_THE_WIRE = TEXT_KINDS | {"choice"}


def to_predicate(criterion: Criterion) -> Predicate:
    """A function (record or Change, scope) -> bool; `changed…` clauses are false for a plain record."""
    test = _compile(criterion)

    def predicate(record: Record | Change, scope: Scope) -> bool:
        if isinstance(record, Change):
            return test(record.after, record, scope)
        return test(record, None, scope)

    return predicate


def _compile(criterion: Criterion) -> Test:
    if isinstance(criterion, Clause):
        return _clause(criterion)
    if isinstance(criterion, Not):
        return _negation(_compile(criterion.part))
    if isinstance(criterion, Has):
        return _asking(criterion)
    tests = tuple(_compile(part) for part in criterion.parts)
    return _conjunction(tests) if isinstance(criterion, AllOf) else _disjunction(tests)


def _negation(test: Test) -> Test:
    return lambda record, change, scope: not test(record, change, scope)


def _conjunction(tests: tuple[Test, ...]) -> Test:
    def every(record: Record, change: Change | None, scope: Scope) -> bool:
        for test in tests:  # noqa: SIM110 - a generator would double the time
            if not test(record, change, scope):
                return False
        return True

    return every


def _disjunction(tests: tuple[Test, ...]) -> Test:
    def some(record: Record, change: Change | None, scope: Scope) -> bool:
        for test in tests:  # noqa: SIM110
            if test(record, change, scope):
                return True
        return False

    return some


def _clause(clause: Clause) -> Test:
    if clause.op in COMPLEMENTS:
        return _negation(_clause(_with_op(clause, COMPLEMENTS[clause.op])))
    if clause.path:
        return _asking(clause)
    if clause.op == "eq" and clause.kind in _SAME_ON_THE_WIRE and "." not in clause.field:
        return _equal(clause.root, clause.value)
    if clause.op in CHANGES:
        return _changed(clause)
    if clause.op == "is_set":
        present = is_present(clause)
        return lambda record, _change, _scope: present(record)
    return _judged(reader(clause), _judge(clause))


def _with_op(clause: Clause, op: str) -> Clause:
    return replace(clause, op=op)


def _asking(atom: Clause | Has) -> Test:
    """What is around the record answers; without the reference, or without an id, nothing can be there."""
    key = key_of(atom)

    def test(record: Record, _change: Change | None, scope: Scope) -> bool:
        if scope.around is None:
            raise ValueError("the scope knows no related records")
        return isinstance(record.get(key), str) and scope.around.holds(atom, record, scope)

    return test


def _equal(name: str, wanted: str) -> Test:
    return lambda record, _change, _scope: record.get(name) == wanted


def _judged(read: Reader, judge: Judge) -> Test:
    def test(record: Record, _change: Change | None, scope: Scope) -> bool:
        value = read(record)
        return value is not None and judge(value, scope)

    return test


def _changed(clause: Clause) -> Test:
    name, equal = clause.root, None if clause.op == "changed" else _clause(_with_op(clause, "eq"))
    then = clause.op == "changed_from"

    def test(record: Record, change: Change | None, scope: Scope) -> bool:
        if change is None or name not in change.changed:
            return False
        return equal is None or equal(change.before if then else record, None, scope)

    return test


def _judge(clause: Clause) -> Judge:
    if clause.kind in TEMPORAL_KINDS:
        return _inside(_per_scope(clause, interval))
    if clause.kind in LINK_KINDS:
        allowed = _per_scope(clause, members)
        return lambda value, scope: value in allowed(scope)
    return _JUDGES[clause.op](clause.value)


def _inside(wanted: Callable[[Scope], Interval]) -> Judge:
    def judge(value: Any, scope: Scope) -> bool:
        start, end = wanted(scope)
        return (start is None or value >= start) and (end is None or value < end)

    return judge


def _per_scope(clause: Clause, resolve: Callable[[Clause, Scope], Any]) -> Callable[[Scope], Any]:
    """The resolved clause, worked out again only when the scope is another than last time."""
    last: tuple[Scope | None, Any] = (None, None)

    def resolved(scope: Scope) -> Any:
        nonlocal last
        known, value = last
        if known is not scope and (known is None or depends):
            value = resolve(clause, scope)
            last = (scope, value)
        return value

    depends = needs_scope(clause)
    return resolved


def _compared(compare: Callable[[Any, Any], bool]) -> Callable[[Any], Judge]:
    return lambda wanted: lambda value, _scope: compare(value, wanted)


def _between(pair: tuple[Any, Any]) -> Judge:
    low, high = pair
    return lambda value, _scope: low <= value <= high


def _among(values: tuple[Any, ...]) -> Judge:
    wanted = frozenset(values)
    return lambda value, _scope: value in wanted


def _contains(text: str) -> Judge:
    sought = fold(text)
    if is_caseless(sought):
        return lambda value, _scope: sought in value
    return lambda value, _scope: sought in fold(value)


def _starts_with(text: str) -> Judge:
    sought = fold(text)
    length = len(sought)
    return lambda value, _scope: fold(value[:length]) == sought


_JUDGES: dict[str, Callable[[Any], Judge]] = {
    "eq": _compared(operator.eq),
    "lt": _compared(operator.lt),
    "lte": _compared(operator.le),
    "gt": _compared(operator.gt),
    "gte": _compared(operator.ge),
    "between": _between,
    "in": _among,
    "contains": _contains,
    "starts_with": _starts_with,
    "has": _compared(operator.contains),
    "has_any": lambda choices: lambda value, _scope: not value.isdisjoint(choices),
    "has_all": lambda choices: lambda value, _scope: value.issuperset(choices),
}
