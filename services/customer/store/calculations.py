"""Statements behind calculated fields: what is due, records along paths, sums over related records."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, case, delete, func, literal, select, union_all, update

from chassis.context import current_cause
from chassis.criteria import Criterion, Scope, to_sql
from chassis.db import UnitOfWork
from chassis.formulas import Money
from services.customer.model.calculated.rollups import Rollup
from services.customer.model.currencies import Part, as_they_are, factor, put_together
from services.customer.store.currencies import rate_at, read_codes
from services.customer.store.record_type import Record, RecordType
from services.customer.store.tables import calculation_due

_CHUNK = 500
_QUESTIONS = 25  # that are put together in one statement
_ADD = calculation_due.insert()


def add_due(uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    """Leave work for later: rows of `object`, `path`, `key`, `child`, `matching`; why is the present cause."""
    cause = current_cause()
    common = {"path": "", "child": None, "matching": None, "after": None, "depth": cause.depth, "rules": cause.rules}
    uow.later(_ADD, [{**common, **row} for row in rows])


def is_due(connection: Connection) -> bool:
    """Whether anything waits to be calculated."""
    return connection.execute(select(calculation_due.c.id).limit(1)).first() is not None


def take_due(uow: UnitOfWork, most: int) -> list[Any]:
    """The oldest due rows, of one object, locked; those that another worker has in hands are left to it."""
    table = calculation_due.c
    query = select(calculation_due).order_by(table.id).limit(most).with_for_update(skip_locked=True)
    rows = list(uow.execute(query))
    return [row for row in rows if row.object == rows[0].object]


def forget_due(uow: UnitOfWork, ids: Sequence[int]) -> None:
    """Forget what is done."""
    for start in range(0, len(ids), _CHUNK):
        uow.execute(delete(calculation_due).where(calculation_due.c.id.in_(ids[start:start + _CHUNK])))


def advance_due(uow: UnitOfWork, id: int, after: str) -> None:
    """Remember how far a long path has come."""
    uow.execute(update(calculation_due).where(calculation_due.c.id == id).values(after=after))


def ids_along(connection: Connection, types: Mapping[str, RecordType], start: str, path: Sequence[str], key: str,
              after: str | None, most: int) -> list[str]:
    """The ids of records of `start` from which the path leads to the record `key`, behind `after`, in their order."""
    record_type = types[start]
    first = at = record_type.table.alias()
    query = select(first.c.id)
    for step in path[:-1]:
        field = record_type.fields[step]
        record_type = types[str(field.target)]
        beyond = record_type.table.alias()
        query, at = query.join_from(at, beyond, at.c[field.column] == beyond.c.id), beyond
    query = query.where(at.c[record_type.fields[path[-1]].column] == key).order_by(first.c.id).limit(most)
    return list(connection.execute(query if after is None else query.where(first.c.id > after)).scalars())


def load_records(connection: Connection, record_type: RecordType, ids: Collection[str]) -> dict[str, Record]:
    """The records of these ids, by id."""
    wanted, found = sorted(ids), {}
    for start in range(0, len(wanted), _CHUNK):
        query = record_type.selection.where(record_type.table.c.id.in_(wanted[start:start + _CHUNK]))
        found.update({record["id"]: record for record in map(record_type.load, connection.execute(query))})
    return found


def existing_ids(connection: Connection, record_type: RecordType, ids: Collection[str]) -> set[str]:
    """Which of the ids are records."""
    column, wanted = record_type.table.c.id, sorted(ids)
    return {id for start in range(0, len(wanted), _CHUNK)
            for id in connection.execute(select(column).where(column.in_(wanted[start:start + _CHUNK]))).scalars()}


def roll_up(connection: Connection, child: RecordType, rollup: Rollup, parents: Collection[str],
            scope: Scope) -> dict[str, tuple[Any, int]]:
    """For each parent with related records: the sum, smallest or largest value, and how many there are."""
    reference = child.columns[rollup.reference]
    wanted, rows = sorted(parents), []
    for start in range(0, len(wanted), _CHUNK):
        query = _question(child, rollup, reference).where(
            reference.in_(wanted[start:start + _CHUNK]), *_conditions(child, rollup, scope))
        rows += connection.execute(_grouped(rollup, query))
    return _counted(connection, rollup, rows)


def roll_up_matching(connection: Connection, child: RecordType, rollup: Rollup, asked: Mapping[str, Criterion],
                     scope: Scope) -> dict[str, tuple[Any, int]]:
    """For each key the same over the records that meet its criterion, each asked by its own best index."""
    keys, common = list(asked), list(_conditions(child, rollup, scope))
    questions = [_grouped(rollup, _question(child, rollup, literal(place)).where(
        to_sql(asked[key], child.criteria_columns, scope), *common)) for place, key in enumerate(keys)]
    found = _counted(connection, rollup, _together(connection, questions))
    return {keys[place]: value for place, value in found.items()}


def ids_matching(connection: Connection, record_type: RecordType, asked: Sequence[tuple[Criterion, str | None]],
                 scope: Scope, most: int) -> list[list[str]]:
    """For each criterion the ids of records that meet it, behind an id, in their order, at most so many."""
    column, questions = record_type.table.c.id, []
    found: list[list[str]] = [[] for _ in asked]
    for place, (criterion, after) in enumerate(asked):
        query = select(column).where(to_sql(criterion, record_type.criteria_columns, scope)).order_by(column)
        some = (query if after is None else query.where(column > after)).limit(most).subquery()
        questions.append(select(literal(place).label("place"), some.c.id))
    for place, id in _together(connection, questions):
        found[place].append(id)
    return [sorted(ids) for ids in found]


def _together(connection: Connection, questions: Sequence[Select[Any]]) -> Iterable[Any]:
    """The rows of all questions, some of them in one statement."""
    for start in range(0, len(questions), _QUESTIONS):
        yield from connection.execute(union_all(*questions[start:start + _QUESTIONS]))


def _question(child: RecordType, rollup: Rollup, key: Any) -> Select[Any]:
    """What is counted, by `key`; money with its currency and, where that is another one than the sum's, both rates."""
    field = child.fields.get(rollup.field or "")
    value = [child.columns[field.name].label("value")] if field is not None else []
    money = []
    if rollup.is_money and field is not None:
        own, wanted = child.criteria_columns[f"{field.name}.currency"], rollup.result.options["currency"]
        made, other = child.table.c.created_at, own != wanted
        money = [own.label("currency"), case((other, rate_at(own, made))).label("own_rate"),
                 case((other, rate_at(wanted, made))).label("other_rate")]
    return select(key.label("key"), *value, *money).select_from(child.table)


def _grouped(rollup: Rollup, question: Select[Any]) -> Select[Any]:
    """One row for each key, of money for each of its currencies and rates."""
    found = question.subquery("counted")
    by = [found.c.key, *([found.c.currency, found.c.own_rate, found.c.other_rate] if rollup.is_money else [])]
    if rollup.field is None:
        value = count = func.count()
    else:
        column = found.c.value
        work = getattr(func, rollup.function if rollup.function in ("min", "max") else "sum")
        value, count = work(column, type_=column.type), func.count(column)
    return select(value.label("value"), count.label("number"), *by).group_by(*by)


def _counted(connection: Connection, rollup: Rollup, rows: Iterable[Any]) -> dict[Any, tuple[Any, int]]:
    """Key → value and count; money is put together in the currency of the result, or kept in its own (`Money`)."""
    if not rollup.is_money:
        return {row.key: (row.value, row.number) for row in rows}
    wanted, base, parts = rollup.result.options["currency"], "", {}
    for row in rows:
        other = row.number and row.currency != wanted
        base = base or (read_codes(connection)[0] if other else "")
        rates = {row.currency: row.own_rate, wanted: row.other_rate}
        worth = factor(row.currency, wanted, base, rates) if row.number else None
        parts.setdefault(row.key, []).append(Part(row.value, row.number, worth, row.currency))
    return {key: _in_money(rollup, some) for key, some in parts.items()}


def _in_money(rollup: Rollup, parts: Sequence[Part]) -> tuple[Any, int]:
    own = as_they_are(parts) if rollup.keeps_currency else None
    value, count = put_together(rollup.function, own or parts)
    return (Money(value, own[0].currency) if own else value), count


def _conditions(child: RecordType, rollup: Rollup, scope: Scope) -> Iterable[Any]:
    if rollup.criterion is not None:
        yield to_sql(rollup.criterion, child.criteria_columns, scope)
