"""Lists of records: criteria, search, order, keyset pages and totals of bounded cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, bindparam, func, select, union

from chassis.auth.principal import Principal
from chassis.criteria import Clause, Criterion, clauses, is_related, to_json, to_sql
from chassis.criteria.fields import LINK_KINDS, PRESENCE, TEMPORAL_KINDS
from chassis.criteria.resolve import needs_scope
from chassis.db.prepared import Prepared
from chassis.http.paging import decode_cursor, encode_cursor
from chassis.jsonio import dumps
from services.customer.metrics import LISTS_ANSWERED
from services.customer.model.faults import Fault
from services.customer.model.list_shapes import ListShape, shape_of
from services.customer.queries.search import combined, read_criteria, search_criterion
from services.customer.queries.sorting import (
    Key,
    after,
    after_said,
    cursor_values,
    is_divided,
    order_by,
    place_params,
    read_sort,
)
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import ALWAYS_READABLE, Access
from services.customer.usecases.grants import SHARED_AT
from services.customer.usecases.refusals import refusal

if TYPE_CHECKING:
    from chassis.service import Service

COUNTED_EXACTLY = 10_000
REMEMBERED_LISTS = 1000
FIRST, NEXT, SAID, MISSING = "first", "next", "said", "missing"


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
        rows = query.rows(connection, asked.limit + 1)
        total = _total(connection, query, asked.total) if asked.total else (None, None)
    records = [record_type.load(row) for row in rows[:asked.limit]]
    more = len(rows) > asked.limit
    cursor = encode_cursor(cursor_values(record_type, query.keys, records[-1]), query.bound_to) if more else None
    LISTS_ANSWERED.labels(record_type.name).inc()
    if not asked.q:
        service.parts["list_shapes"].note(record_type.name, query.shape)
    return Page([query.show(record) for record in records], cursor, *total)


def scoped(access: Access, statement: Select[Any], criterion: Criterion | None) -> Select[Any]:
    """The statement with the caller's data scope and a criterion."""
    condition = access.where()
    return meeting(access, statement if condition is None else statement.where(condition), criterion)


def meeting(access: Access, statement: Select[Any], criterion: Criterion | None) -> Select[Any]:
    """The statement with a criterion."""
    if criterion is None:
        return statement
    return statement.where(to_sql(criterion, access.record_type.criteria_columns, access.scope))


def read_members(access: Access, given: Sequence[str] | None, pointer: str) -> frozenset[str] | None:
    """The members that a caller wants; None for all of them. Raises 422 for one that he cannot read."""
    if given is None:
        return None
    faults = [Fault(pointer, "unknown_field", {"field": str(name)[:100]}) for name in given
              if not isinstance(name, str) or name not in access.shape.shown]
    if faults:
        raise refusal(faults)
    return frozenset(given) | frozenset(ALWAYS_READABLE)


class _Query:
    """A request that was checked: its criterion, its order, the row that it goes on after."""

    def __init__(self, access: Access, asked: ListRequest) -> None:
        self._access = access
        self._members = read_members(access, asked.fields, f"{asked.at}fields")
        criteria_at = "?filter" if asked.at == "?" else "/criteria"
        self._criterion = combined(read_criteria(access, asked.criteria, criteria_at),
                                   search_criterion(access, asked.q, f"{asked.at}q"))
        self.keys = read_sort(access, asked.sort, f"{asked.at}sort")
        self.bound_to = _bound_to(access.record_type, self.keys, self._criterion)
        self._place = decode_cursor(asked.cursor, self.bound_to) if asked.cursor else None

    def show(self, record: Record) -> Record:
        """The members of a record that were asked for."""
        if self._members is None:
            return self._access.show(record)
        shown = self._access.show(record)
        return {name: value for name, value in shown.items() if name in self._members}

    @property
    def filtered(self) -> Select[Any]:
        """Everything that the list holds, in no order."""
        return scoped(self._access, self._access.record_type.selection, self._criterion)

    def ids(self, most: int | None = None) -> Any:
        """The ids of it; where several ways lead to records each by itself, with the index that serves it, and of each
        at most so many."""
        ids: Any = select(self._access.record_type.table.c.id)
        ways = self._access.ways()
        if not ways:
            return scoped(self._access, ids, self._criterion).limit(most)
        parts = [meeting(self._access, ids.where(way), self._criterion).limit(most).subquery() for way in ways]
        return union(*(select(one.c.id) for one in parts))

    @property
    def shape(self) -> ListShape:
        """What decides which index would serve the list."""
        caller, scopes = self._access.principal, self._access.policy.scopes
        if scopes == {"department_and_below"} and caller.department_id:
            alone = set(caller.departments_below(caller.department_id)) <= {caller.department_id}
            scopes = frozenset({"department"}) if alone else scopes
        return shape_of(self._criterion, scopes, tuple((key.name, key.down) for key in self.keys))

    def rows(self, connection: Connection, limit: int) -> Sequence[Any]:
        """The rows of one page; what follows a value that others miss is read in two steps."""
        if self._place is None:
            return self._part(connection, FIRST, {"page": limit})
        params = place_params(self._access.record_type, self.keys, self._place)
        if not is_divided(self.keys, self._place):
            return self._part(connection, NEXT, {**params, "page": limit})
        rows = self._part(connection, SAID, {**params, "page": limit})
        if len(rows) < limit:
            rows = [*rows, *self._part(connection, MISSING, {"page": limit - len(rows)})]
        return rows

    def _part(self, connection: Connection, part: str, params: dict[str, Any]) -> Sequence[Any]:
        form = self._form()
        if form is None:
            return connection.execute(self._build(part), params).all()
        if self._access.grants:
            params = {**params, SHARED_AT: self._access.scope.now}
        return self._remembered(part, form).rows(connection, params)

    def _remembered(self, part: str, form: Any) -> Prepared:
        """The statement of a form; people open the same lists again and again."""
        known = self._access.record_type.lists
        statement = known.get((part, form)) or Prepared(self._build(part))
        if len(known) < REMEMBERED_LISTS:
            known[part, form] = statement
        return statement

    def _form(self) -> Any:
        """What the statement depends on; None when that includes the present moment, the caller's variables or what he
        sees of related records."""
        asked = self._criterion
        if asked is not None and (is_related(asked) or any(_is_relative(one) for one in clauses(asked))):
            return None
        caller, scopes, grants = self._access.principal, self._access.policy.scopes, self._access.grants
        if grants and grants.is_relative:
            return None
        below: tuple[str, ...] = ()
        if caller.department_id and ("department_and_below" in scopes or grants):
            below = tuple(caller.departments_below(caller.department_id))
        who = () if "all" in scopes else (caller.user_id, caller.department_id, below)
        missing = tuple(value is None for value in self._place) if self._place else None
        granted = (caller.grantees, grants.key) if grants else ()
        return scopes, who, granted, self._criterion, self.keys, missing

    def _build(self, part: str) -> Select[Any]:
        """The page; where several ways lead to records, the first rows of each way, and of those the first."""
        record_type, ways = self._access.record_type, self._access.ways()
        if not ways:
            return self._paged(self.filtered, part)
        ids: Any = select(record_type.table.c.id)
        parts = [self._paged(meeting(self._access, ids.where(way), self._criterion), part).subquery() for way in ways]
        found = union(*(select(one.c.id) for one in parts)).subquery()
        few = record_type.selection.where(record_type.table.c.id.in_(select(found.c.id)))
        return few.order_by(*order_by(record_type, self.keys)).limit(bindparam("page"))

    def _paged(self, statement: Select[Any], part: str) -> Select[Any]:
        record_type = self._access.record_type
        statement = statement.order_by(*order_by(record_type, self.keys)).limit(bindparam("page"))
        if part == SAID:
            return statement.where(after_said(record_type, self.keys))
        if part == MISSING:
            return statement.where(record_type.columns[self.keys[0].name].is_(None))
        return statement.where(after(record_type, self.keys, self._place)) if self._place else statement


def _is_relative(clause: Clause) -> bool:
    """Whether the clause means something else tomorrow, or for somebody else."""
    return clause.kind in TEMPORAL_KINDS | LINK_KINDS and clause.op not in PRESENCE and needs_scope(clause)


def _bound_to(record_type: RecordType, keys: Sequence[Key], criterion: Criterion | None) -> str:
    asked = dumps(to_json(criterion)) if criterion is not None else ""
    return f"{record_type.name} {','.join(key.word for key in keys)} {asked}"


def _total(connection: Connection, query: _Query, wanted: str) -> tuple[int, str]:
    """How many there are, and how sure that is: `exact`, `at_least` or `estimate`."""
    if wanted == "estimate" and connection.dialect.name == "postgresql":
        estimate = _planned_rows(connection, query.ids())
        if estimate > COUNTED_EXACTLY:
            return estimate, "estimate"
    few = query.ids(COUNTED_EXACTLY + 1).subquery()
    counted = connection.execute(select(func.count()).select_from(few)).scalar_one()
    return (counted, "exact") if counted <= COUNTED_EXACTLY else (COUNTED_EXACTLY, "at_least")


def _planned_rows(connection: Connection, filtered: Any) -> int:
    """How many rows PostgreSQL's planner expects."""
    compiled = filtered.compile(connection, compile_kwargs={"render_postcompile": True})
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {compiled}", compiled.params).scalar_one()
    return int(plan[0]["Plan"]["Plan Rows"])
