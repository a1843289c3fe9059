"""What lets one caller see records of one object beside his data scopes, as conditions for SQL and for single records.

Three kinds of ways lead there: sharing rules that name him (criteria over values), shares and teams of single records
(EXISTS on `record_share`, whose index begins with the record), and references that are followed (EXISTS on the table
that they point at, under the very same condition for that object, a few levels far).

Each way is a condition of its own: a list asks them one by one, each with the index that serves it, and puts the few
best of each together; everything else asks them joined by OR.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, bindparam, exists, or_

from chassis.auth.principal import Principal
from chassis.criteria import RelatedTable, Scope, clauses, to_sql
from chassis.criteria.fields import TEMPORAL_KINDS
from chassis.criteria.resolve import needs_scope
from chassis.db.types import UtcDateTime
from services.customer.model.sharing import FOLLOWED_LEVELS, READ, WRITE, Follow
from services.customer.store.record_type import CompiledRule, Record, RecordType
from services.customer.store.relations import related_table
from services.customer.store.sharing.tables import record_share

if TYPE_CHECKING:
    from services.customer.usecases.access import Access

SHARED_AT = "shared_at"  # the moment that shares must outlast, a parameter of remembered statements


@dataclass(frozen=True)
class Grants:
    """One caller's ways to records of one object."""

    rules: tuple[CompiledRule, ...]
    grantees: tuple[str, ...]  # empty when no record of the object was ever shared
    follows: tuple[tuple[Follow, Access], ...]
    tables: Callable[[str], RelatedTable] | None = None  # what rules ask related records by: all of them count

    def __bool__(self) -> bool:
        return bool(self.rules or self.grantees or self.follows)

    @property
    def key(self) -> Any:
        """What the conditions depend on beside the caller himself and what is shared."""
        return self.grantees, tuple((one.field, access.policy.scopes, access.grants.key)
                                    for one, access in self.follows)

    @property
    def is_relative(self) -> bool:
        """Whether the rules mean something else tomorrow."""
        return any(clause.kind in TEMPORAL_KINDS and needs_scope(clause)
                   for one in self.rules for clause in clauses(one.criterion)) or any(
            access.grants.is_relative for _, access in self.follows)

    def judge(self, record: Record, scope: Scope, level: str = READ) -> bool:
        """Whether a rule shares the record; what a rule asks of related records is left to the database."""
        return any(one.judge(record, scope) for one in self.rules
                   if not one.is_related and _suffices(one.rule.level, level))

    def masked(self, record: Record, scope: Scope) -> frozenset[str]:
        """The fields that every rule masks by which the record is seen; none when no rule or a plain one shows it."""
        granting = [frozenset(one.rule.masked) for one in self.rules
                    if not one.is_related and one.judge(record, scope)]
        return frozenset.intersection(*granting) if granting else frozenset()

    def ways(self, columns: Mapping[str, Any], scope: Scope, level: str = READ,
             asked: Collection[str] = ()) -> list[ColumnElement[bool]]:
        """A condition for each way; none by rules that mask one of the fields which are asked for."""
        system = replace(scope, tables=self.tables)
        return [*(to_sql(one.criterion, columns, system) for one in self.rules
                  if _suffices(one.rule.level, level) and not set(one.rule.masked).intersection(asked)),
                *([shared(columns["id"], self.grantees, scope, level)] if self.grantees else []),
                *(_followed(columns[one.field], access, level) for one, access in self.follows
                  if _suffices(one.level, level))]


def grants_of(principal: Principal, record_type: RecordType, make: Any, levels: int = FOLLOWED_LEVELS) -> Grants:
    """The caller's ways; `make(principal, record_type, levels)` gives his access to an object that is followed."""
    sharing, tokens = record_type.sharing, frozenset(principal.grantees)
    rules = tuple(one for one in record_type.sharing_rules if not tokens.isdisjoint(one.rule.grantees))
    return Grants(rules, principal.grantees if sharing.shared else (),
                  tuple(_follows(principal, record_type, make, levels)), related_table(record_type.neighbours.find))


def shared(record_id: ColumnElement[Any], grantees: Collection[str], scope: Scope,
           level: str = READ) -> ColumnElement[bool]:
    """Whether a record is shared with one of the grantees, still."""
    share = record_share.alias()
    moment = bindparam(SHARED_AT, scope.now, type_=UtcDateTime())
    asked = [share.c.record_id == record_id, share.c.grantee.in_(sorted(grantees)),
             or_(share.c.expires_at.is_(None), share.c.expires_at > moment)]
    if level == WRITE:
        asked.append(share.c.level == WRITE)
    return exists().where(*asked).correlate_except(share)


def _follows(principal: Principal, record_type: RecordType, make: Any, levels: int) -> list[tuple[Follow, Access]]:
    found = []
    for one in record_type.sharing.follows if levels else ():
        target = record_type.sharing.find(one.target)
        if target is not None and one.field in record_type.fields and principal.objects(one.target).allows(READ):
            found.append((one, make(principal, target, levels - 1)))
    return found


def _followed(reference: ColumnElement[Any], access: Access, level: str) -> ColumnElement[bool]:
    """Whether the caller sees, or may change, the record that a reference points at; not one that a pool masks."""
    parent: FromClause = access.record_type.table.alias()
    access.asked |= access.masked_in_pools  # what points at it would tell what is masked
    condition = access.condition(access.record_type.criteria_columns_of(parent), level)
    seen = [] if condition is None else [condition]
    return exists().where(parent.c.id == reference, *seen).correlate_except(parent)


def _suffices(has: str, wanted: str) -> bool:
    return wanted == READ or has == WRITE
