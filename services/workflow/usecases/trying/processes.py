"""A process that is tried: the rule that would start it, and what the result shows of it.

An instance is supposed to start when a record comes to meet the condition of the process' start: when it is created
so, or changed so. Without a condition that is the record's creation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chassis.criteria import atoms, fields_used, to_json
from chassis.db import UnitOfWork
from chassis.http.problem import FieldProblem, invalid
from chassis.ids import new_id
from services.workflow.model.objects import ObjectModel
from services.workflow.model.processes.asked import criteria_of, fields_of
from services.workflow.model.processes.definition import Definition
from services.workflow.model.processes.reader import Faults
from services.workflow.model.processes.reading import read_definition
from services.workflow.model.rules import BECOMES, CREATED
from services.workflow.queries.processes import find_process, find_version
from services.workflow.store.objects import OBJECT_NAME, find_object
from services.workflow.usecases.managing_rules import checker_for
from services.workflow.usecases.processes.approvals import file_of
from services.workflow.usecases.processes.faults import problems
from services.workflow.usecases.trying.paths import names_in

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
_LAST = 1_000_000  # a process acts after the rules of the change that starts it


def tried_process(service: Service, uow: UnitOfWork, asked: Row) -> tuple[dict[str, Any], dict[str, Any], Definition]:
    """The rule that would start it, the process as the run keeps it, and its definition. Raises 404 and 422."""
    known = find_process(uow.connection, asked["process_id"]) if asked["process_id"] is not None else None
    draft = asked["process"]
    if draft is not None:
        xml, told = file_of(draft)
        object, name = known["object"] if known else draft["object"], known["name"] if known else draft["name"]
    else:
        assert known is not None  # one of the two is there
        xml, told = find_version(uow.connection, known["id"], known["latest"])["xml"], problems
        object, name = known["object"], known["name"]
    definition = _definition(service, uow, object, xml, told)
    id = known["id"] if known else new_id()
    rule = {"id": id, "version": 1, "key": known["key"] if known else None, "name": name, "object": object,
            **_start(definition), "actions": [], "active": True, "position": _LAST}
    return rule, {"id": known["id"] if known else None, "xml": xml, "names": names_in(definition)}, definition


def _definition(service: Service, uow: UnitOfWork, name: str | None, xml: str, told: Any) -> Definition:
    model: ObjectModel | None = find_object(uow, service.calls, name) if name and OBJECT_NAME.match(name) else None
    if model is None:
        raise invalid(FieldProblem("/process/object", "object_unknown"))
    try:
        return read_definition(xml, model, checker_for(service, uow, model, in_process=True))
    except Faults as error:
        raise invalid(*told(error.faults)) from None


def _start(definition: Definition) -> dict[str, Any]:
    condition: Any = definition.starts[None].condition
    if condition is None:
        return {"trigger": {"on": CREATED}, "criteria": {"all": []}}
    on = BECOMES if fields_used(condition.criterion) else CREATED
    return {"trigger": {"on": on}, "criteria": to_json(condition.criterion)}


def questions_of(definition: Definition) -> list[Any]:
    """What somebody asks of the records who sees which ways they would have taken."""
    asked = [to_json(atom) for criterion in criteria_of(definition) for atom in atoms(criterion)]
    asked += [{"field": name, "op": "is_set"} for name in sorted(fields_of(definition))]
    return [one for place, one in enumerate(asked) if one not in asked[:place]]
