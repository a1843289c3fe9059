"""What one caller sees of one object: the same rules as the lists of records have.

His data scopes become a criterion over `owner_id` and `department_id`, which the database answers like any other; a
field that he may not read does not exist for him.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from sqlalchemy import ColumnElement, and_

from chassis.auth.principal import Principal
from chassis.criteria import AnyOf, Clause, Criterion, Field, Scope, to_sql
from chassis.criteria.fields import find_field
from chassis.http.criteria import scope_of
from chassis.http.problem import Problem
from services.report.model.objects import ObjectModel

_CLAUSES: Mapping[str, Criterion] = {
    "own": Clause("owner_id", "user", "eq", "$me"),
    "department": Clause("department_id", "department", "eq", "$my_department"),
    "department_and_below": Clause("department_id", "department", "under", "$my_department"),
}


class Access:
    """One caller's view of one object, for the time of one question."""

    def __init__(self, principal: Principal, model: ObjectModel) -> None:
        self.principal, self.model = principal, model
        self.policy = principal.objects(model.name)

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
        return self.model.criteria_fields(self.policy)

    def field(self, name: str) -> Field | None:
        """A field that he may read, also inside money, or None."""
        return find_field(name, self.fields)

    @cached_property
    def scope(self) -> Scope:
        """The moment and the caller, for criteria."""
        return scope_of(self.principal)

    def where(self, criterion: Criterion | None = None) -> ColumnElement[bool]:
        """The condition for records that stand, that he sees, and that meet the criterion."""
        parts = [self.model.table.c.deleted.is_(False)]
        if "all" not in self.policy.scopes:
            seen = AnyOf(tuple(_CLAUSES[scope] for scope in sorted(self.policy.scopes)))
            parts.append(to_sql(seen, self.model.columns, self.scope))
        if criterion is not None:
            parts.append(to_sql(criterion, self.model.columns, self.scope))
        return and_(*parts)
