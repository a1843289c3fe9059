"""Clauses whose meaning depends on the moment or the caller, resolved once for both back ends.

Every clause over a date or datetime, whatever its operator, becomes one half-open interval; every clause over
a link becomes one set of ids. Tables and events are then asked the same simple question, so they cannot
disagree.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from chassis.criteria.nodes import Clause, Duration
from chassis.criteria.periods import PERIODS
from chassis.criteria.scope import Scope

_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)


class Interval(NamedTuple):
    """From `start` until just before `end`; None is open."""

    start: Any = None
    end: Any = None


def interval(clause: Clause, scope: Scope) -> Interval:
    """The values of a date or datetime field that satisfy the (positive) clause."""
    if clause.op in _RELATIVE:
        return _RELATIVE[clause.op](clause, scope)
    if clause.op == "between":
        low, high = (_extent(value, clause.kind, scope) for value in clause.value)
        return Interval(low.start, high.end)
    return _COMPARED[clause.op](_extent(clause.value, clause.kind, scope))


def needs_scope(clause: Clause) -> bool:
    """Whether the interval or the set of ids differs between scopes."""
    values = clause.value if isinstance(clause.value, tuple) else (clause.value,)
    if clause.value is None:
        return False
    if clause.kind == "datetime":
        return clause.op in _RELATIVE or not all(isinstance(value, datetime) for value in values)
    if clause.kind == "date":
        return clause.op in _RELATIVE
    return clause.op == "under" or any(isinstance(value, str) and value.startswith("$") for value in values)


def members(clause: Clause, scope: Scope) -> frozenset[str]:
    """The ids that satisfy the (positive) clause over a link; a variable without a value gives none."""
    written = clause.value if isinstance(clause.value, tuple) else (clause.value,)
    variables = {"$me": scope.user_id, "$my_department": scope.department_id}
    ids = {found for value in written if (found := variables.get(value, value)) is not None}
    if clause.op == "under":
        ids.update(*(scope.departments_below(one) for one in tuple(ids)))
    return frozenset(ids)


def _extent(value: date | datetime, kind: str, scope: Scope) -> Interval:
    """The instant, or the whole day."""
    if isinstance(value, datetime):
        return Interval(value, value + _TICK)
    return _days(value, value + _DAY, kind, scope)


def _days(first: date, after: date, kind: str, scope: Scope) -> Interval:
    if kind == "date":
        return Interval(first, after)
    return Interval(_midnight(first, scope), _midnight(after, scope))


def _midnight(day: date, scope: Scope) -> datetime:
    return datetime.combine(day, time(), scope.zone).astimezone(UTC)


def _moved(clause: Clause, scope: Scope, sign: int) -> Interval:
    """Now, moved by the clause's duration: an instant, or for a date field a day."""
    duration: Duration = clause.value
    if clause.kind == "date":
        day = scope.today + sign * duration.delta
        return Interval(day, day + _DAY)
    moment = scope.now.astimezone(UTC) + sign * duration.delta
    return Interval(moment, moment + _TICK)


def _now(clause: Clause, scope: Scope) -> Interval:
    return _moved(Clause(clause.field, clause.kind, clause.op, Duration(0, "d")), scope, 1)


_RELATIVE: dict[str, Callable[[Clause, Scope], Interval]] = {
    "older_than": lambda clause, scope: Interval(None, _moved(clause, scope, -1).start),
    "within_last": lambda clause, scope: Interval(_moved(clause, scope, -1).start, _now(clause, scope).end),
    "within_next": lambda clause, scope: Interval(_now(clause, scope).start, _moved(clause, scope, 1).end),
    "on": lambda clause, scope: _days(*PERIODS[clause.value](scope.today), clause.kind, scope),
}

_COMPARED: dict[str, Callable[[Interval], Interval]] = {
    "eq": lambda extent: extent,
    "lt": lambda extent: Interval(None, extent.start),
    "lte": lambda extent: Interval(None, extent.end),
    "gt": lambda extent: Interval(extent.end, None),
    "gte": lambda extent: Interval(extent.start, None),
}
