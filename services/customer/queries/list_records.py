"""Lists of records: criteria, search, order, keyset pages and totals of bounded cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Select, func, literal_column, select

from chassis.auth.principal import Principal
from chassis.criteria import Criterion, to_json, to_sql
from chassis.http.paging import decode_cursor, encode_cursor
from chassis.jsonio import dumps
from services.customer.metrics import LISTS_ANSWERED
from services.customer.model.faults import Fault
from services.customer.queries.search import combined, read_criteria, search_criterion
from services.customer.queries.sorting import Key, after, cursor_values, order_by, read_sort
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import ALWAYS_READABLE, Access
from services.customer.usecases.refusals import refusal

if TYPE_CHECKING:
    from chassis.service import Service

COUNTED_EXACTLY = 10_000


@dataclass(frozen=True)
class ListRequest:
    """What a caller asks for; pointers of problems start with `at` ("/" for a body, "?" for a query)."""

    criteria: Any = None
    sort: Sequence[str] | None = None
    fields: Sequence[str] | None = None
    limit: int = 20
    cursor: str | None = None
    total: str | None = None
    q: str | None = None
    at: str = "/"


@dataclass(frozen=True)
class Page:
    """Records in wire form as the caller may see them."""

    items: list[Record]
    next_cursor: str | None
    total: int | None = None
    total_is: str | None = None


def list_records(service: Service, principal: Principal, record_type: RecordType, asked: ListRequest) -> Page:
    """One page; raises 403 and 422."""
    access = Access(principal, record_type)
    access.need("read")
    query = _Query(access, asked)
    with service.db.read() as connection:
        rows = connection.execute(query.statement.limit(asked.limit + 1)).all()
        total = _total(connection, query.filtered, asked.total)
    records = [record_type.load(row) for row in rows[:asked.limit]]
    more = len(rows) > asked.limit
    cursor = encode_cursor(cursor_values(query.keys, records[-1]), query.bound_to) if more else None
    LISTS_ANSWERED.labels(record_type.name).inc()
    return Page([query.show(record) for record in records], cursor, *total)


def scoped(access: Access, statement: Select[Any], criterion: Criterion | None) -> Select[Any]:
    """The statement with the caller's data scope and a criterion."""
    conditions: list[ColumnElement[bool] | None] = [access.where()]
    if criterion is not None:
        conditions.append(to_sql(criterion, access.record_type.criteria_columns, access.scope))
    return statement.where(*(one for one in conditions if one is not None))


def read_members(access: Access, given: Sequence[str] | None, pointer: str) -> frozenset[str] | None:
    """The members that a caller wants; None for all of them. Raises 422 for one that he cannot read."""
    if given is None:
        return None
    faults = [Fault(pointer, "unknown_field", {"field": str(name)[:100]}) for name in given
              if not isinstance(name, str) or name not in access.shape.readable]
    if faults:
        raise refusal(faults)
    return frozenset(given) | frozenset(ALWAYS_READABLE)


class _Query:
    """The statement of a list, and what its cursors are bound to."""

    def __init__(self, access: Access, asked: ListRequest) -> None:
        self._access = access
        self._members = read_members(access, asked.fields, f"{asked.at}fields")
        criteria_at = "?filter" if asked.at == "?" else "/criteria"
        criterion = combined(read_criteria(access, asked.criteria, criteria_at),
                             asked.q and search_criterion(access, asked.q, f"{asked.at}q"))
        self.keys = read_sort(access, asked.sort, f"{asked.at}sort")
        self.bound_to = _bound_to(access.record_type, self.keys, criterion)
        self.filtered = scoped(access, access.record_type.selection, criterion)
        self.statement = self._placed(asked.cursor)

    def show(self, record: Record) -> Record:
        """The members of a record that were asked for."""
        if self._members is None:
            return self._access.show(record)
        return {name: value for name, value in record.items() if name in self._members}

    def _placed(self, cursor: str | None) -> Select[Any]:
        record_type = self._access.record_type
        statement = self.filtered.order_by(*order_by(record_type, self.keys))
        if not cursor:
            return statement
        return statement.where(after(record_type, self.keys, decode_cursor(cursor, self.bound_to)))


def _bound_to(record_type: RecordType, keys: Sequence[Key], criterion: Criterion | None) -> str:
    asked = dumps(to_json(criterion)) if criterion is not None else ""
    return f"{record_type.name} {','.join(key.word for key in keys)} {asked}"


def _total(connection: Connection, filtered: Select[Any], wanted: str | None) -> tuple[int | None, str | None]:
    """How many there are, and how sure that is: `exact`, `at_least` or `estimate`."""
    if wanted is None:
        return None, None
    if wanted == "estimate" and connection.dialect.name == "postgresql":
        estimate = _planned_rows(connection, filtered)
        if estimate > COUNTED_EXACTLY:
            return estimate, "estimate"
    ones = filtered.with_only_columns(literal_column("1"), maintain_column_froms=True)
    few = ones.limit(COUNTED_EXACTLY + 1).subquery()
    counted = connection.execute(select(func.count()).select_from(few)).scalar_one()
    return (counted, "exact") if counted <= COUNTED_EXACTLY else (COUNTED_EXACTLY, "at_least")


def _planned_rows(connection: Connection, filtered: Select[Any]) -> int:
    """How many rows PostgreSQL's planner expects."""
    compiled = filtered.compile(connection, compile_kwargs={"render_postcompile": True})
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {compiled}", compiled.params).scalar_one()
    return int(plan[0]["Plan"]["Plan Rows"])
