"""Service tasks at work: they act as a rule without a condition would, through the same actions.

Tasks and messages are there when the step commits. A change of the record is ordered (an intent) and carried out
afterwards, exactly once; the token waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from chassis.clock import to_wire
from chassis.context import current_cause
from chassis.criteria import Scope
from chassis.db import UnitOfWork
from chassis.events.message import Message
from chassis.ids import new_id
from services.workflow.model.actions import APPLICANT, WAITING
from services.workflow.model.compiled import CompiledRule, change_of
from services.workflow.model.objects import ObjectModel
from services.workflow.model.processes.definition import Node
from services.workflow.model.processes.stimuli import CannotGoOn
from services.workflow.model.results import failure_in
from services.workflow.model.rules import CREATED, Rule
from services.workflow.store.objects import KnownObjects
from services.workflow.store.tables import task
from services.workflow.usecases.deputies import Deputies
from services.workflow.usecases.judging import Firing
from services.workflow.usecases.load import Load
from services.workflow.usecases.planning import act_all, rotation_keys
from services.workflow.usecases.plans import Circumstances, Effects, RecordPlan, RunPlan
from services.workflow.usecases.reacting import write_effects
from services.workflow.usecases.rotating import Rotation

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
_MAY_REACH_NOBODY = frozenset({"notify"})  # who decides must not wait until a notice finds a reader

_PERSON = {"create_task": "assignee", "create_record": "owner"}  # where an action says whom it means; others: `to`


def addressed(action: Row, applicant: str, waited_for: Callable[[], Sequence[str]]) -> list[dict[str, Any]]:
    """An action with persons in place of the applicant and of those whom the instance waits for."""
    member = _PERSON.get(action["type"], "to")
    if action.get(member) not in (APPLICANT, WAITING):
        return [dict(action)]
    people = [applicant] if action[member] == APPLICANT else waited_for()
    return [{**action, member: {"user_id": person}} for person in people]


class Orders:
    """What the service tasks of one step do."""

    def __init__(self, service: Service, uow: UnitOfWork, instance: Row, model: ObjectModel, record: Row,
                 scope: Scope) -> None:
        self._service, self._uow, self._instance = service, uow, instance
        self._model, self._record, self._scope = model, record, scope
        self._effects: list[Effects] = []

    def act(self, node: Node) -> str | None:
        """Work out the actions of a task; returns the ordered change to wait for. Raises CannotGoOn."""
        firing = self._firing(node)
        effects, plan = Effects(firing.message, by="process"), RecordPlan(firing)
        directory = self._service.directory.snapshot()
        rotation = Rotation(self._uow, rotation_keys([firing], directory))
        circumstances = Circumstances(self._scope.now, self._today(), directory, rotation,
                                      Deputies(self._uow, directory, self._scope.now), Load(self._uow))
        results = act_all(RunPlan(new_id(), firing.rule.rule, firing, plan, effects, circumstances))
        failure = failure_in([one for one in results if one["type"] not in _MAY_REACH_NOBODY])
        if failure is not None:
            raise CannotGoOn("action", node.id, detail=failure)
        rotation.save()
        effects.changes.append(plan)
        self._effects.append(effects)
        return plan.intent_id if plan.wanted or effects.creations else None

    def write(self, now: datetime) -> None:
        """Write and publish what was worked out."""
        if self._effects:
            write_effects(self._service, self._uow, self._effects, now)

    def _today(self) -> Any:
        return self._scope.now.astimezone(ZoneInfo(self._service.settings.default_timezone)).date()

    def _firing(self, node: Node) -> Firing:
        rule = Rule(self._instance["process_id"], self._instance["process_version"], None,
                    self._instance["process_name"], self._model.name, {"on": CREATED}, {"all": []},
                    [one for action in node.actions
                     for one in addressed(action, self._instance["applicant_id"], self._waited_for)], True, 0)
        change = {"id": self._instance["record_id"], "version": self._record["version"], "action": "updated",
                  "after": self._record, "before": {}, "changed": []}
        compiled = CompiledRule(rule, self._model, self._service.directory.name_of,
                                KnownObjects(self._uow, self._service.calls))
        return Firing(self._message(), change, change_of(change), compiled, self._scope)

    def _waited_for(self) -> list[str]:
        return list(self._uow.execute(select(task.c.assignee_id).distinct().where(
            task.c.instance_id == self._instance["id"], task.c.state == "open").order_by(task.c.assignee_id)).scalars())

    def _message(self) -> Message:
        cause = current_cause()
        return Message(id=new_id(), type="", source="", subject=None, time=to_wire(self._scope.now),
                       data={"bulk": cause.bulk_id}, request_id=cause.request_id, causation_id=cause.causation_id,
                       depth=cause.depth, traceparent=cause.traceparent)
