"""Whether calculated fields can be calculated: asked before a definition changes, for those of all objects.

A wrong formula is told with its place, a circle by its name; what stands in the way of somebody else's field by that
field.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from chassis.http.problem import FieldProblem, Problem
from services.customer.model.calculated import problems
from services.customer.model.calculated.plan import problems_of
from services.customer.model.faults import Fault
from services.customer.model.objects import ObjectDef
from services.customer.usecases.refusals import refusal

if TYPE_CHECKING:
    from chassis.service import Service


def check_calculations(service: Service, changed: ObjectDef) -> None:
    """Raise 422 when a definition brings a wrong calculated field, 409 when it makes another one wrong."""
    before = {name: one.definition for name, one in service.parts["types"].renewed().items()}
    new = _new_problems(before, {**before, changed.name: changed})
    own = [one for one in new if one.object == changed.name and changed.ready[one.field] != _old(before, one)]
    if own:
        raise refusal([_fault(one) for one in own])
    _refuse_others(new, "used_in_formulas")


def check_new(before: Mapping[str, ObjectDef], made: Sequence[ObjectDef], prefix: str) -> None:
    """Raise 422 when new objects bring wrong calculated fields.

    `prefix` is where a field stands, with `{}` for the place of its object, when there are several, and its own.
    """
    places = {(one.name, field.name): _place(prefix, at, place)
              for at, one in enumerate(made) for place, field in enumerate(one.fields)}
    new = _new_problems(dict(before), {**before, **{one.name: one for one in made}})
    own = [_fault(one).below(places[one.object, one.field]) for one in new if (one.object, one.field) in places]
    if own:
        raise refusal(own)


def _place(prefix: str, object_at: int, field_at: int) -> str:
    return prefix.format(object_at, field_at) if prefix.count("{}") == 2 else prefix.format(field_at)


def check_removal(service: Service, names: Collection[str]) -> None:
    """Raise 409 when calculated fields of other objects need objects that shall go."""
    before = {name: one.definition for name, one in service.parts["types"].renewed().items()}
    after = {other: one for other, one in before.items() if other not in names}
    _refuse_others(_new_problems(before, after), "used_in_formulas")


def _new_problems(before: dict[str, ObjectDef], after: dict[str, ObjectDef]) -> list[problems.Problem]:
    found = problems_of(after)
    known = {(one.object, one.field, one.code) for one in problems_of(before)} if found else set()
    return [one for one in found if (one.object, one.field, one.code) not in known]


def _old(before: dict[str, ObjectDef], problem: problems.Problem) -> object:
    known = before.get(problem.object)
    return known.ready.get(problem.field) if known else None


def _fault(problem: problems.Problem) -> Fault:
    if problem.formula is None:
        return Fault(problem.pointer, problem.code, dict(problem.params))
    return Fault(problem.pointer, f"formula_{problem.formula.code}",
                 {"formula": problem.formula, "source": problem.source})


def _refuse_others(found: Iterable[problems.Problem], code: str) -> None:
    errors = [FieldProblem("", code, {"object": one.object, "field": one.field}) for one in found]
    if errors:
        raise Problem(409, code, errors=errors)
