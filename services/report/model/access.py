"""What one caller sees of one object: the same rules as the lists of records have.

His data scopes become a criterion over `owner_id` and `department_id`, which the database answers like any other;
beside it stand the sharing rules that name him, the shares of single records, and the references that are followed. A
rule over a field that the read model does not keep shares nothing here: a report never counts more than the lists show.
A field that he may not read does not exist for him.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    FromClause,
    MetaData,
    Table,
    and_,
    exists,
    false,
    literal,
    or_,
)

from chassis.auth.principal import Principal
from chassis.criteria import (
    AnyOf,
    Clause,
    Criterion,
    Field,
    ObjectFields,
    RelatedTable,
    Relation,
    Scope,
    to_sql,
)
from chassis.criteria.fields import find_field
from chassis.db.types import Id, PlainText, UtcDateTime
from chassis.http.criteria import scope_of
from chassis.http.problem import Problem
from services.report.model.objects import FieldModel, ObjectModel
from services.report.model.relations import related_fields, relation, standing_table
from services.report.model.sharing import FOLLOWED_LEVELS

_CLAUSES: Mapping[str, Criterion] = {
    "own": Clause("owner_id", "user", "eq", "$me"),
    "department": Clause("department_id", "department", "eq", "$my_department"),
    "department_and_below": Clause("department_id", "department", "under", "$my_department"),
}

MAX_HOPS = 3

_SHARES = Table("share", MetaData(), Column("generation", BigInteger), Column("id", Id()),
               Column("version", BigInteger), Column("record_id", Id()), Column("grantee", PlainText()),
               Column("expires_at", UtcDateTime()), Column("deleted", Boolean))


@dataclass(frozen=True)
class Place:
    """A field by the name that a question gives it; `path` has the reference and the object of each step to `model`."""

    name: str
    field: Field
    model: ObjectModel
    path: tuple[tuple[str, str], ...] = ()

    @property
    def described(self) -> FieldModel:
        """What the definition says about the field, or about the one that it is a part of."""
        root = self.field.name.partition(".")[0]
        return self.model.fields["department_id" if root == "owner" else root]


class Access:
    """One caller's view of one object, for the time of one question."""

    def __init__(self, principal: Principal, model: ObjectModel, levels: int = FOLLOWED_LEVELS) -> None:
        self.principal, self.model, self._levels = principal, model, levels
        self.policy = principal.objects(model.name)
        self._asked: set[str] = set()  # the fields that the question speaks of

    @property
    def granted(self) -> bool:
        """Whether he may read records of the object at all."""
        return self.policy.allows("read")

    def need(self) -> None:
        """Raise 403 unless he may read records of the object."""
        if not self.granted:
            raise Problem(403, "object_not_readable", params={"object": self.model.name})

    @cached_property
    def fields(self) -> dict[str, Field]:
        """The fields, each with whether he may read it."""
        own = self.model.criteria_fields(self.policy)
        return own if self.model.sharing is None else ObjectFields(own, self._relation)

    def place(self, name: str, hops: int = MAX_HOPS) -> Place | None:
        """A field that he may read, of a record or along its references, or None; the question speaks of it."""
        first, _, rest = name.partition(".")
        field = self.field(name)
        if field is not None or not rest or hops == 0:
            return field and Place(name, field, self.model)
        reference = self.field(first)
        relation = self._relation(first) if reference is not None and reference.kind == "reference" else None
        if relation is None:
            return None
        found = self._beyond(self._around[relation.object]).place(rest, hops - 1)
        return found and Place(name, found.field, found.model, ((first, relation.object), *found.path))

    def field(self, name: str) -> Field | None:
        """A field that he may read, also inside money, or None; the question speaks of it from now on."""
        self.speaks_of(name)
        return find_field(name, self.fields)

    def speaks_of(self, *names: str) -> None:
        """Note fields of the question: records of pools that mask one of them are not part of the answer."""
        self._asked.update(name.partition(".")[0] for name in names)

    def speaks_of_masked(self) -> None:
        """Leave out what pools show with masks: what is asked by way of a record would tell what they hide."""
        rules = self.model.sharing.rules if self.model.sharing else ()
        self.speaks_of(*(field for rule in rules for field in rule.masked))

    @cached_property
    def scope(self) -> Scope:
        """The moment and the caller, for criteria."""
        return replace(scope_of(self.principal), tables=self._related_table)

    def _relation(self, name: str) -> Relation | None:
        """The relation of a name, when he may read both ends and the reference between them."""
        found = relation(self.model, name, lambda beyond: self._beyond(beyond).fields)
        if found is None:
            return None
        beyond, reference = self._beyond(self._around[found.object]), name.partition(".")[2]
        field = (beyond if reference else self).fields[reference or name]
        return found if beyond.granted and field.readable else None

    def _beyond(self, model: ObjectModel) -> Access:
        """His view of related records."""
        return Access(self.principal, model)

    @property
    def _around(self) -> Mapping[str, ObjectModel]:
        return {} if self.model.sharing is None else self.model.sharing.objects

    def _related_table(self, name: str) -> RelatedTable:
        """The records of another object that stand and that he sees."""
        access = self._beyond(self._around[name])
        access.speaks_of_masked()  # neither by a related record
        alias = access.model.table.alias()
        seen = access._seen(alias) if access.granted else false()
        return RelatedTable(alias, access.model.columns_beyond(alias), seen)

    def where(self, criterion: Criterion | None = None) -> ColumnElement[bool]:
        """The condition for records that stand, that he sees, and that meet the criterion."""
        parts = [self._seen(self.model.table)]
        if criterion is not None:
            parts.append(to_sql(criterion, self.model.columns, self.scope))
        return and_(*parts)

    def _seen(self, table: FromClause) -> ColumnElement[bool]:
        """The condition over the table or an alias of it."""
        stands = table.c.deleted.is_(False)
        if "all" in self.policy.scopes:
            return stands
        columns = self.model.columns_of(table)
        seen = AnyOf(tuple(_CLAUSES[scope] for scope in sorted(self.policy.scopes)))
        return and_(stands, or_(to_sql(seen, columns, self.scope), *self._ways(columns)))

    def _ways(self, columns: Mapping[str, ColumnElement[Any]]) -> list[ColumnElement[bool]]:
        """What lets him see a record beside his scopes."""
        sharing = self.model.sharing
        if sharing is None:
            return []
        grantees, fields = frozenset(self.principal.grantees), related_fields(self.model)
        system = replace(self.scope, tables=lambda name: standing_table(sharing.objects[name]))
        criteria = [rule.criterion(fields) for rule in sharing.rules
                    if not grantees.isdisjoint(rule.grantees) and self._asked.isdisjoint(rule.masked)]
        return [*(to_sql(one, columns, system) for one in criteria if one is not None),
                *([_shared(sharing.generation, columns["id"], self.principal.grantees, self.scope)]
                  if sharing.any_shares else []),
                *(self._followed(columns[field], sharing.objects[target])
                  for field, target in self.model.follows if self._levels and target in sharing.objects)]

    def _followed(self, reference: ColumnElement[Any], target: ObjectModel) -> ColumnElement[bool]:
        access = Access(self.principal, target, self._levels - 1)
        if not access.granted:
            return false()
        access.speaks_of_masked()  # as in the lists: what points at a masked record opens no further
        parent = target.table.alias()
        return exists().where(parent.c.id == reference, access._seen(parent)).correlate_except(parent)


def _shared(generation: int, record_id: ColumnElement[Any], grantees: Sequence[str],
           scope: Scope) -> ColumnElement[bool]:
    """Whether a record is shared with one of the grantees, still."""
    share = _SHARES.alias()
    lasts = or_(share.c.expires_at.is_(None), share.c.expires_at > literal(scope.now, UtcDateTime()))
    return exists().where(share.c.generation == generation, share.c.record_id == record_id, share.c.deleted.is_(False),
                          share.c.grantee.in_(sorted(grantees)), lasts).correlate_except(share)
