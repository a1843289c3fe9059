"""What one caller may do with the records of one object.

His policy says actions, scopes and restricted fields. The scopes become a criterion over `owner_id` and
`department_id`; the same criterion filters lists in SQL and judges single records in Python. Beside it stand the
grants of what was shared with him (usecases.grants); scopes and grants together are the one condition of every path.
Who sees a record by a grant may change it only when the grant says so, and never delete it or give it away. An
unreadable field does not exist for him: not in answers, not in criteria, not in searches, not in history.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Connection, false, or_, select

from chassis.auth.principal import ObjectPolicy, Principal
from chassis.clock import utcnow
from chassis.criteria import (
    AnyOf,
    Clause,
    Criterion,
    Field,
    ObjectFields,
    RelatedTable,
    Relation,
    Scope,
    Step,
    asked,
    to_predicate,
    to_sql,
)
from chassis.http.problem import Problem
from services.customer.model.fields import FieldDef
from services.customer.model.masking import Mask, mask_for
from services.customer.model.segments import SEGMENTS, Segment
from services.customer.model.sharing import FOLLOWED_LEVELS, READ
from services.customer.model.values.links import identifier
from services.customer.model.values.numbers import in_currency
from services.customer.model.values.times import moment
from services.customer.store.line_sums import is_summed
from services.customer.store.record_type import Record, RecordType
from services.customer.store.relations import known_type, relation
from services.customer.usecases.grants import Grants, grants_of

ALWAYS_READABLE = ("id", "version")
_CLAUSES: Mapping[str, Criterion] = {
    "own": Clause("owner_id", "user", "eq", "$me"),
    "department": Clause("department_id", "department", "eq", "$my_department"),
    "department_and_below": Clause("department_id", "department", "under", "$my_department"),
}
NOTHING_GRANTED = Grants((), (), ())
Writer = tuple[Callable[[Any], Any], bool]
BACKDATED: Mapping[str, Writer] = {"created_at": (moment, False), "updated_at": (moment, False)}


@dataclass(frozen=True)
class Shape:
    """What follows from a policy and a record type alone; kept with the type and shared by all callers."""

    readable: frozenset[str]
    masks: Mapping[str, Mask]  # of the members that are shown masked
    shown: frozenset[str]  # readable or masked
    is_whole: bool
    writers: Mapping[str, Writer]
    criteria_fields: Mapping[str, Field]
    scope: Criterion | None
    judge: Callable[[Record, Scope], bool] | None


class Access:
    """One caller's access to one record type, for the time of one piece of work."""

    def __init__(self, principal: Principal, record_type: RecordType, levels: int = FOLLOWED_LEVELS) -> None:
        self.principal, self.record_type, self._levels = principal, record_type, levels
        self.policy = principal.objects(record_type.name)
        self.shape = _shape(principal, self.policy, record_type)
        self._related: dict[str, Access] = {}
        self.asked: set[str] = set()  # fields by which records are sought: pools that mask one are left out
        self._as: Record | None = None

    @cached_property
    def scope(self) -> Scope:
        """The moment and the caller, for criteria."""
        caller = self.principal
        return Scope(now=utcnow(), timezone=caller.timezone, user_id=caller.user_id,
                     department_id=caller.department_id, departments_below=caller.departments_below,
                     tables=self._related_table)

    @cached_property
    def criteria_fields(self) -> ObjectFields:
        """What the caller's criteria may speak of, in these records and in related ones."""
        return ObjectFields(self.shape.criteria_fields, self._relation)

    def knows(self, segment: Segment) -> bool:
        """Whether the caller may read every field that a segment asks, in these records and in related ones."""
        return self.policy.allows(READ) and all(
            self._may_read_at(watch.route, watch.members) for watch in segment.watches)

    def may_ask(self, atom: Criterion) -> bool:
        """Whether the caller may know the answer to a condition: he reads every field in it, here and around."""
        return all(self._may_read_at(route, members) for route, members in asked(atom))

    def _may_read_at(self, route: Sequence[Step], members: frozenset[str]) -> bool:
        name = route[-1].object if route else self.record_type.name
        beyond = self.record_type.neighbours.find(name) if route else self.record_type
        if beyond is None or (route and not self.principal.objects(name).allows(READ)):
            return False
        access = self._beyond(beyond) if route else self
        hidden = access.masked_in_pools if route else ()
        return members <= access.shape.readable and members.isdisjoint(hidden)

    def _relation(self, name: str) -> Relation | None:
        """The relation of a name, when the caller may read both ends and the reference between them."""
        found = relation(self.record_type, name, lambda beyond: self._beyond(beyond).criteria_fields.without(SEGMENTS))
        if found is None or not self.principal.objects(found.object).allows(READ):
            return None
        reference = name.partition(".")[2]
        readable = self.shape.readable if not reference else self._beyond(
            self.record_type.neighbours.find(found.object)).shape.readable
        return found if (reference or name) in readable else None

    def _beyond(self, record_type: RecordType) -> Access:
        """The caller's access to related records, made once."""
        known = self._related.get(record_type.name)
        if known is None:
            known = self._related[record_type.name] = Access(self.principal, record_type)
            known._related = self._related
        return known

    def _related_table(self, name: str) -> RelatedTable:
        """The records of another object that the caller sees."""
        access = self._beyond(known_type(self.record_type.neighbours.find, name))
        access.asked |= access.masked_in_pools  # what is masked cannot be found out by a related record either
        alias = access.record_type.table.alias()
        columns = access.record_type.criteria_columns_of(alias)
        return RelatedTable(alias, columns, access.condition(columns) if access.policy.allows(READ) else false())

    def need(self, action: str) -> None:
        """Raise 403 unless the action is granted."""
        if not self.policy.allows(action):
            raise Problem(403, "action_not_granted",
                          params={"action": action, "object": self.record_type.name})

    @cached_property
    def grants(self) -> Grants:
        """The caller's ways to records beyond his scopes; none when he sees all."""
        return NOTHING_GRANTED if self.shape.scope is None else grants_of(
            self.principal, self.record_type, Access, self._levels)

    @property
    def is_unlimited(self) -> bool:
        """Whether the caller reads every record with every field."""
        return self.policy.allows(READ) and self.shape.scope is None and self.shape.is_whole

    def owns(self, record: Record) -> bool:
        """Whether the record lies within one of the caller's scopes, so that all his actions are open."""
        return self.shape.judge is None or self.shape.judge(record, self.scope)

    def lies_within(self, name: str, record: Record) -> bool:
        """Whether the record lies within one of the scopes by itself."""
        return to_predicate(_CLAUSES[name])(record, self.scope)

    def sees(self, connection: Connection, record: Record) -> bool:
        """Whether the caller sees a record, by scope or by grant."""
        return record["id"] in self.among(connection, [record])

    def among(self, connection: Connection, records: Sequence[Record], level: str = READ) -> set[str]:
        """The ids of those records that the caller sees, or may change when `level` is write.

        What neither scope nor rule decides is asked of the database in one question.
        """
        seen = {one["id"] for one in records if self.owns(one)}
        if len(seen) == len(records) or not self.grants:
            return seen
        seen |= {one["id"] for one in records if self.grants.judge(one, self.scope, level)}
        rest = [one["id"] for one in records if one["id"] not in seen]
        ways = self.grants.ways(self.record_type.criteria_columns, self.scope, level)
        if rest and ways:
            column: Any = self.record_type.table.c.id
            seen |= set(connection.execute(select(column).where(column.in_(rest), or_(*ways))).scalars())
        return seen

    def where(self) -> ColumnElement[bool] | None:
        """The condition for records that the caller sees; None when he sees all."""
        return self.condition(self.record_type.criteria_columns)

    def condition(self, columns: Mapping[str, Any], level: str = READ) -> ColumnElement[bool] | None:
        """The same over an alias of the table, or for those that he may change when `level` is write."""
        if self.shape.scope is None:
            return None
        return or_(*self._ways(columns, level)) if self.grants else to_sql(self.shape.scope, columns, self.scope)

    def ways(self) -> list[ColumnElement[bool]]:
        """The parts of the condition, any of which suffices, when there are grants beside the scopes; else none."""
        return self._ways(self.record_type.criteria_columns) if self.grants else []

    def granted(self) -> ColumnElement[bool]:
        """The condition for records that the caller sees by a grant."""
        ways = self.granted_ways()
        return or_(*ways) if ways else false()

    def granted_ways(self) -> list[ColumnElement[bool]]:
        """The parts of that condition."""
        return self.grants.ways(self.record_type.criteria_columns, self.scope, asked=self.asked)

    def _ways(self, columns: Mapping[str, Any], level: str = READ) -> list[ColumnElement[bool]]:
        assert self.shape.scope is not None
        return [to_sql(self.shape.scope, columns, self.scope),
                *self.grants.ways(columns, self.scope, level, self.asked)]

    def show(self, record: Record) -> Record:
        """The record without what the caller may not read, and with masks over what he may not know."""
        shape, masks = self.shape, self.masks_over(record)
        if shape.is_whole and not masks:
            return record
        if not masks:
            return {name: value for name, value in record.items() if name in shape.readable}
        return {name: masks[name](value) if name in masks else value
                for name, value in record.items() if name in shape.shown}

    def known(self, record: Record) -> Record:
        """The record as far as the caller may know its values: what conditions are judged on for him."""
        masks = self.masks_over(record)
        return record if self.shape.is_whole and not masks else {
            name: value for name, value in record.items() if name in self.shape.readable and name not in masks}

    def masks_over(self, record: Record) -> Mapping[str, Mask]:
        """The masks of one record: those of the caller's roles, and those of the pool that alone shows it to him."""
        record = self._as or record
        if not self.masked_in_pools or self.owns(record):
            return self.shape.masks
        masked = self.grants.masked(record, self.scope)
        return {**self.record_type.masks_of(masked), **self.shape.masks} if masked else self.shape.masks

    @cached_property
    def masked_in_pools(self) -> frozenset[str]:
        """The fields that are masked for the caller in some records of pools."""
        return frozenset(name for one in self.grants.rules for name in one.rule.masked)

    def as_seen(self, record: Record) -> Access:
        """The same access, where every state of a record is masked like the present one."""
        twin = Access(self.principal, self.record_type, self._levels)
        twin._as = record
        return twin


def _shape(principal: Principal, policy: ObjectPolicy, record_type: RecordType) -> Shape:
    revealing = _revealing(principal, record_type)
    key = (policy.scopes, tuple(sorted(policy.fields.items())), policy.allows("read"), revealing)
    known = record_type.shapes.get(key)
    if known is None:
        known = record_type.shapes[key] = _make_shape(policy, record_type, revealing)
    return known


def _revealing(principal: Principal, record_type: RecordType) -> frozenset[str]:
    """The calculated fields that would reveal what the caller may not read: one of their inputs is hidden from him."""
    return frozenset(name for name, inputs in record_type.plan.inputs.items()
                     if not all(_may_read(principal, record_type, *one) for one in inputs))


def _may_read(principal: Principal, record_type: RecordType, object_name: str, field: str) -> bool:
    policy = principal.objects(object_name)
    return (object_name == record_type.name or policy.allows("read")) and (
        field in ALWAYS_READABLE or policy.readable(field))


def _make_shape(policy: ObjectPolicy, record_type: RecordType, revealing: frozenset[str]) -> Shape:
    readable = frozenset(name for name in record_type.members if name not in revealing and (
        name in ALWAYS_READABLE or policy.readable(name)))
    summed = is_summed(record_type)
    writers: dict[str, Writer] = {name: (_coercion(field, summed), field.required)
                                  for name, field in record_type.fields.items()
                                  if policy.writable(name) and field.row.given}
    if policy.writable("owner_id"):
        writers["owner_id"] = (identifier, False)
    masks = {name: mask_for(field.value_type) for name, field in record_type.fields.items() if policy.masked(name)}
    scope = _scope(policy)
    fields = {SEGMENTS: Field(SEGMENTS, "reference_list"), **record_type.criteria_fields(readable.__contains__)}
    return Shape(readable, masks, readable | masks.keys(), readable.issuperset(record_type.members), writers, fields,
                 scope, scope and to_predicate(scope))


def _coercion(field: FieldDef, summed: bool) -> Callable[[Any], Any]:
    if summed and field.type == "money":
        return in_currency(field.coerce, field.options["currency"])
    return field.coerce


def _scope(policy: ObjectPolicy) -> Criterion | None:
    if "all" in policy.scopes:
        return None
    return AnyOf(tuple(_CLAUSES[scope] for scope in sorted(policy.scopes)))
