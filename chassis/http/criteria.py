"""Criteria in requests: parsed against the caller's fields, wrong ones answered as 422 with the place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.criteria import CriteriaError, Criterion, Field, Scope, parse
from chassis.http.problem import FieldProblem, Problem, invalid


def parse_criteria(data: Any, fields: Mapping[str, Field], *, pointer: str = "/criteria",
                   rules: bool = False) -> Criterion:
    """Return the criterion in a request's body at `pointer`; raises the 422 problem that names the place."""
    try:
        return parse(data, fields, rules=rules)
    except CriteriaError as error:
        raise criteria_problem(error, pointer) from error


def criteria_problem(error: CriteriaError, pointer: str = "/criteria") -> Problem:
    """Return the 422 problem for a wrong criterion that stands at `pointer`."""
    return invalid(FieldProblem(pointer + error.pointer, f"criteria.{error.code}", params=error.params))


def scope_of(principal: Principal) -> Scope:
    """Return what is relative in criteria (now, me, my department) for a caller."""
    return Scope(now=utcnow(), timezone=principal.timezone, user_id=principal.user_id,
                 department_id=principal.department_id, departments_below=principal.departments_below)
