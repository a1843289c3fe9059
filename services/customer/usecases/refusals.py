"""Faults and broken constraints as problems on the wire."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.exc import IntegrityError

from chassis.http.formulas import formula_problem
from chassis.http.problem import FieldProblem, Problem
from services.customer.model.faults import Fault, InvalidError, pointer_to
from services.customer.store.columns import index_name
from services.customer.store.record_type import RecordType


def refusal(faults: Iterable[Fault], prefix: str = "") -> Problem:
    """The 422 problem that lists the faults; `prefix` says where in the body they were found."""
    return Problem(422, "invalid_request", errors=[_error(fault, prefix) for fault in faults])


def _error(fault: Fault, prefix: str) -> FieldProblem:
    """A fault on the wire; one of a formula comes with its place."""
    if "formula" in fault.params:
        return formula_problem(prefix + fault.pointer, fault.params["formula"], fault.params["source"])
    return FieldProblem(prefix + fault.pointer, fault.code, fault.params)


def invalid_problem(error: InvalidError) -> Problem:
    """The problem of a definition that is not valid."""
    return refusal(error.faults)


def integrity_problem(error: IntegrityError, record_type: RecordType) -> Problem:
    """The problem of a write that broke a constraint of the database."""
    said = _constraint(error)
    for name, field in record_type.fields.items():
        unique = index_name(record_type.name, field.column, "unique")
        if field.unique and (unique in said or said.endswith(f"{record_type.table.name}.{field.column}")):
            return not_unique(name)
    return Problem(409, "link_broken")


def not_unique(name: str) -> Problem:
    """The problem of a value that another record has already."""
    return Problem(409, "not_unique", errors=[FieldProblem(pointer_to(name), "not_unique")])


def only_shared() -> Problem:
    """The problem of a record that the caller sees by a share which does not let him do this."""
    return Problem(403, "only_shared")


def placed(problem: Problem, prefix: str) -> Problem:
    """The same problem with pointers seen from further outside."""
    errors = [FieldProblem(prefix + one.pointer, one.code, one.params, one.detail) for one in problem.errors]
    return Problem(problem.status, problem.code, problem.detail, params=problem.params, errors=errors,
                   headers=problem.headers, extra=problem.extra)


def _constraint(error: IntegrityError) -> str:
    name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    return name or str(error.orig)
