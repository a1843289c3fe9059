"""What one caller may do with the records of one object.

His policy says actions, scopes and restricted fields. The scopes become a criterion over `owner_id` and
`department_id`; the same criterion filters lists in SQL and judges single records in Python. An
unreadable field does not exist for him: not in answers, not in criteria, not in searches, not in history.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement

from chassis.auth.principal import ObjectPolicy, Principal
from chassis.clock import utcnow
from chassis.criteria import AnyOf, Clause, Criterion, Field, Scope, to_predicate, to_sql
from chassis.http.problem import Problem
from services.customer.model.values.links import identifier
from services.customer.model.values.times import moment
from services.customer.store.record_type import Record, RecordType

ALWAYS_READABLE = ("id", "version")
_CLAUSES: Mapping[str, Criterion] = {
    "own": Clause("owner_id", "user", "eq", "$me"),
    "department": Clause("department_id", "department", "eq", "$my_department"),
    "department_and_below": Clause("department_id", "department", "under", "$my_department"),
}
Writer = tuple[Callable[[Any], Any], bool]
BACKDATED: Mapping[str, Writer] = {"created_at": (moment, False), "updated_at": (moment, False)}


@dataclass(frozen=True)
class Shape:
    """What follows from a policy and a record type alone; kept with the type and shared by all callers."""

    readable: frozenset[str]
    hidden: tuple[str, ...]
    writers: Mapping[str, Writer]
    criteria_fields: Mapping[str, Field]
    scope: Criterion | None
    judge: Callable[[Record, Scope], bool] | None


class Access:
    """One caller's access to one record type, for the time of one piece of work."""

    def __init__(self, principal: Principal, record_type: RecordType) -> None:
        self.principal, self.record_type = principal, record_type
        self.policy = principal.objects(record_type.name)
        self.shape = _shape(principal, self.policy, record_type)

    @cached_property
    def scope(self) -> Scope:
        """The moment and the caller, for criteria."""
        caller = self.principal
        return Scope(now=utcnow(), timezone=caller.timezone, user_id=caller.user_id,
                     department_id=caller.department_id, departments_below=caller.departments_below)

    def need(self, action: str) -> None:
        """Raise 403 unless the action is granted."""
        if not self.policy.allows(action):
            raise Problem(403, "action_not_granted",
                          params={"action": action, "object": self.record_type.name})

    def sees(self, record: Record) -> bool:
        """Whether the record lies within one of the caller's scopes."""
        return self.shape.judge is None or self.shape.judge(record, self.scope)

    def where(self) -> ColumnElement[bool] | None:
        """The condition for records that the caller sees; None when he sees all."""
        if self.shape.scope is None:
            return None
        return to_sql(self.shape.scope, self.record_type.criteria_columns, self.scope)

    def show(self, record: Record) -> Record:
        """The record without what the caller may not read."""
        if not self.shape.hidden:
            return record
        return {name: value for name, value in record.items() if name in self.shape.readable}


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
    writers: dict[str, Writer] = {name: (field.coerce, field.required) for name, field in record_type.fields.items()
                                  if policy.writable(name) and field.row.given}
    if policy.writable("owner_id"):
        writers["owner_id"] = (identifier, False)
    scope = _scope(policy)
    return Shape(readable, tuple(name for name in record_type.members if name not in readable), writers,
                 record_type.criteria_fields(readable.__contains__), scope, scope and to_predicate(scope))


def _scope(policy: ObjectPolicy) -> Criterion | None:
    if "all" in policy.scopes:
        return None
    return AnyOf(tuple(_CLAUSES[scope] for scope in sorted(policy.scopes)))
