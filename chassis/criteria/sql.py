"""From a criterion to a SQLAlchemy expression that is true or false for every row, never NULL.

A positive clause is `column IS NOT NULL AND …`, which stays usable by an index; a negative one is the NOT of
it. Values are bound through the columns' own types, so a decimal meets SQLite's scaled integer and
PostgreSQL's numeric alike. Only constructs are used that SQLite, PostgreSQL and DuckDB share.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Text,
    and_,
    bindparam,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from chassis.criteria.fields import CHANGES, COMPLEMENTS, LINK_KINDS, TEMPORAL_KINDS, TEXT_KINDS
from chassis.criteria.folding import fold, folded_for
from chassis.criteria.nodes import OWNER_DEPARTMENT, AllOf, Clause, Criterion, Has, Not, Step
from chassis.criteria.related import RelatedTable
from chassis.criteria.resolve import interval, members
from chassis.criteria.scope import Scope

Condition = ColumnElement[bool]
Columns = Mapping[str, Any]

_EMPTY_WHEN_BLANK = TEXT_KINDS | {"choice", "multi_choice"}
_TYPES = dict.fromkeys((*TEXT_KINDS, "choice"), Text()) | {"integer": BigInteger(), "boolean": Boolean()}


@dataclass(frozen=True)
class LinkColumns:
    """The link table of a list of references: the record's own id, and the two columns of the table."""

    own: ColumnElement[Any]
    record: ColumnElement[Any]
    target: ColumnElement[Any]


def to_sql(criterion: Criterion, columns: Columns, scope: Scope) -> Condition:
    """The criterion as a condition over `columns`, which maps field names to columns.

    A money field needs `<name>.amount` and `<name>.currency`, an address each of its parts; a list of references may
    have `<name>.links`, a `LinkColumns`; `owner.department` falls back to `department_id`.

    Raises ValueError for `changed…`, which no table can answer, and KeyError for a field
    without a column. Related records are asked by EXISTS on `scope.tables`.
    """
    if isinstance(criterion, Clause):
        return _clause(criterion, columns, scope)
    if isinstance(criterion, Not):
        return not_(to_sql(criterion.part, columns, scope))
    if isinstance(criterion, Has):
        return _has_related(criterion, columns, scope)
    parts = [to_sql(part, columns, scope) for part in criterion.parts]
    return and_(true(), *parts) if isinstance(criterion, AllOf) else or_(false(), *parts)


def _clause(clause: Clause, columns: Columns, scope: Scope) -> Condition:
    if clause.op in CHANGES:
        raise ValueError(f"only events know what {clause.op} means")
    if clause.op in COMPLEMENTS:
        return not_(_clause(replace(clause, op=COMPLEMENTS[clause.op]), columns, scope))
    if clause.path:
        return _along(clause, columns, scope)
    column = _column(clause, columns)
    if clause.op == "is_set":
        blank = [column != ""] if clause.kind in _EMPTY_WHEN_BLANK else []
        return and_(column.is_not(None), *blank)
    return and_(column.is_not(None), *_tests(clause, column, columns, scope))


def _along(clause: Clause, columns: Columns, scope: Scope) -> Condition:
    """Whether the record at the end of the first step is there and meets the rest.

    Asked as membership, which does not depend on the row: SQLite finds the few customers once instead of looking one up
    for each row; PostgreSQL joins either way.
    """
    beyond = _beyond(clause.path[0], scope)
    near = columns[clause.path[0].reference]
    found = select(beyond.columns["id"]).where(*_seen(beyond), to_sql(clause.beyond, beyond.columns, scope))
    return and_(near.is_not(None), _Scanned(near).in_(found.correlate_except(beyond.table)))


def _has_related(group: Has, columns: Columns, scope: Scope) -> Condition:
    """Whether enough records refer to the row: asked of each row, whose own few are found by the reference's index."""
    beyond = _beyond(group.step, scope)
    conditions = [beyond.columns[group.step.reference] == columns["id"], *_seen(beyond),
                  to_sql(group.part, beyond.columns, scope)]
    if group.least == 1:
        return exists().where(*conditions).correlate_except(beyond.table)
    count = select(func.count()).select_from(beyond.table).where(*conditions).correlate_except(beyond.table)
    return count.scalar_subquery() >= group.least


def _beyond(step: Step, scope: Scope) -> RelatedTable:
    if scope.tables is None:
        raise ValueError("the scope knows no related tables")
    return scope.tables(step.object)


def _seen(beyond: RelatedTable) -> list[Condition]:
    return [] if beyond.condition is None else [beyond.condition]


class _Scanned(FunctionElement[Any]):
    """A column that SQLite shall not look up by its index: it would fetch and sort every match of a common value before
    it showed the first page. Other databases know how many rows match."""

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any]) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(_Scanned)
def _as_it_is(element: _Scanned, compiler: Any, **more: Any) -> str:
    return str(compiler.process(element.clauses, **more))


@compiles(_Scanned, "sqlite")
def _by_no_index(element: _Scanned, compiler: Any, **more: Any) -> str:
    return f"+{compiler.process(element.clauses, **more)}"


def _column(clause: Clause, columns: Columns) -> ColumnElement[Any]:
    if clause.kind == "money":
        return columns[f"{clause.field}.amount"]
    if clause.field == OWNER_DEPARTMENT and OWNER_DEPARTMENT not in columns:
        return columns["department_id"]
    return columns[clause.field]


def _tests(clause: Clause, column: ColumnElement[Any], columns: Columns, scope: Scope) -> list[Condition]:
    if clause.kind in TEMPORAL_KINDS:
        return _inside(clause, column, scope)
    if clause.kind in LINK_KINDS:
        return [_among(column, sorted(members(clause, scope)), clause.kind)]
    links = columns.get(f"{clause.field}.links") if clause.kind == "reference_list" else None
    if links is not None:
        return [_linked(links, clause)]
    tests = [_COMPARISONS[clause.op](column, clause)]
    if clause.currency is not None:
        currency = columns[f"{clause.field}.currency"]
        tests += [currency.is_not(None), currency == literal(clause.currency, Text())]
    return tests


def _inside(clause: Clause, column: ColumnElement[Any], scope: Scope) -> list[Condition]:
    wanted = interval(clause, scope)
    tests = []
    if wanted.start is not None:
        tests.append(column >= literal(wanted.start, column.type))
    if wanted.end is not None:
        tests.append(column < literal(wanted.end, column.type))
    return tests


def _among(column: ColumnElement[Any], values: list[Any], kind: str) -> Condition:
    if not values:
        return false()
    if len(values) == 1:
        return column == _bound(column, values[0], kind)
    return column.in_(bindparam(None, values, type_=_TYPES.get(kind, column.type), expanding=True))


def _bound(column: ColumnElement[Any], value: Any, kind: str) -> ColumnElement[Any]:
    return literal(value, _TYPES.get(kind, column.type))


def _like(text: ColumnElement[str], before: str, sought: str, after: str) -> Condition:
    escaped = sought.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return text.like(literal(f"{before}{escaped}{after}", Text()), escape="!")


def _part(before: str) -> Callable[[ColumnElement[Any], Clause], Condition]:
    def condition(column: ColumnElement[Any], clause: Clause) -> Condition:
        sought = fold(clause.value)
        return _like(folded_for(column, sought), before, sought, "%")

    return condition


def _has(column: ColumnElement[Any], choice: str) -> Condition:
    return _like(column, "%", f"|{choice}|", "%")


def _linked(links: LinkColumns, clause: Clause) -> Condition:
    """Membership asked of the link table, whose index answers it at any size."""
    wanted = (clause.value,) if clause.op == "has" else clause.value
    if clause.op == "has_all":
        return and_(*(_points_at(links, [one]) for one in wanted))
    return _points_at(links, list(wanted))


def _points_at(links: LinkColumns, targets: list[str]) -> Condition:
    return links.own.in_(select(links.record).where(_among(links.target, sorted(targets), "reference")))


def _compared(compare: Callable[[Any, Any], Any]) -> Callable[[ColumnElement[Any], Clause], Condition]:
    return lambda column, clause: compare(column, _bound(column, clause.value, clause.kind))


def _between(column: ColumnElement[Any], clause: Clause) -> Condition:
    low, high = (_bound(column, value, clause.kind) for value in clause.value)
    return and_(column >= low, column <= high)


_COMPARISONS: dict[str, Callable[[ColumnElement[Any], Clause], Condition]] = {
    "eq": _compared(operator.eq),
    "lt": _compared(operator.lt),
    "lte": _compared(operator.le),
    "gt": _compared(operator.gt),
    "gte": _compared(operator.ge),
    "between": _between,
    "in": lambda column, clause: _among(column, list(clause.value), clause.kind),
    "contains": _part("%"),
    "starts_with": _part(""),
    "has": lambda column, clause: _has(column, clause.value),
    "has_any": lambda column, clause: or_(*(_has(column, choice) for choice in clause.value)),
    "has_all": lambda column, clause: and_(*(_has(column, choice) for choice in clause.value)),
}
