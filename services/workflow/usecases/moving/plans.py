"""The plans of a move, one for each version that instances come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chassis.db import UnitOfWork
from chassis.http.problem import FieldProblem, invalid
from services.workflow.model.processes.definition import Definition
from services.workflow.model.processes.moving.plan import Plan
from services.workflow.model.processes.reader import Faults
from services.workflow.queries.processes import find_version
from services.workflow.store.objects import find_object

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]


def plans_of(service: Service, uow: UnitOfWork, process: Row, asked: Row) -> dict[int, Plan]:
    """The plan of each source version; raises 422 at what cannot be planned."""
    if asked["target"] in asked["sources"]:
        raise invalid(FieldProblem("/sources", "move_to_itself"))
    model = find_object(uow, service.calls, process["object"])
    if model is None:
        raise invalid(FieldProblem("/target", "object_unknown"))

    def read(number: int, pointer: str) -> Definition:
        if not 1 <= number <= process["latest"]:
            raise invalid(FieldProblem(pointer, "version_unknown"))
        find_version(uow.connection, process["id"], number)
        try:
            return service.parts["processes"].definition(uow.connection, process["id"], number, model)
        except Faults:
            raise invalid(FieldProblem(pointer, "version_unreadable", {"version": number})) from None

    target = read(asked["target"], "/target")
    plans = {number: Plan(read(number, f"/sources/{place}"), target, asked["mapping"])
             for place, number in enumerate(asked["sources"])}
    _check(list(plans.values()), asked["mapping"])
    return plans


def _check(plans: Sequence[Plan], mapping: Mapping[str, str | None]) -> None:
    """What is mapped are elements of both versions; whether one can stand for the other is told by the preview."""
    for old, new in mapping.items():
        if not any(old in plan.source.nodes for plan in plans):
            raise invalid(FieldProblem(f"/mapping/{old}", "element_unknown"))
        if new is not None and new not in plans[0].target.nodes:
            raise invalid(FieldProblem(f"/mapping/{old}", "element_unknown"))
