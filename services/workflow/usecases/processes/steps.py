"""One step of an instance: a stimulus takes effect in one transaction with its tasks, waits, history and events.

The instance's row is locked first, by whoever moves it, so two stimuli follow each other and the second meets what the
first has left. What changed in the world is the difference between what the old state waited for and what the new one
does: turns of user tasks become tasks of people or are closed, timers and messages become rows or go.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, tuple_, update

from chassis.clock import utcnow
from chassis.criteria import Scope
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from services.workflow.model.objects import ObjectModel
from services.workflow.model.processes.approvers import people_for
from services.workflow.model.processes.definition import Definition, Node
from services.workflow.model.processes.engine import advance
from services.workflow.model.processes.reader import PROCESS, Faults
from services.workflow.model.processes.state import State, state_from_json
from services.workflow.model.processes.stimuli import MAX_CORRELATION, CannotGoOn, Stimulus, Surroundings
from services.workflow.model.processes.waiting import CALL, MESSAGE, TIMER, Wait, waits_of, work_of
from services.workflow.store.objects import find_object
from services.workflow.store.tables import process_instance, process_version, process_wait
from services.workflow.usecases.processes.closing import close_called, tell_caller
from services.workflow.usecases.processes.faults import why
from services.workflow.usecases.processes.history import COMPLETED, RUNNING, Deed, write_history
from services.workflow.usecases.processes.messages import look_again, send
from services.workflow.usecases.processes.ordering import Orders
from services.workflow.usecases.processes.raising import raise_to_caller
from services.workflow.usecases.processes.signals import CLOCK, throw
from services.workflow.usecases.processes.timing import NOT_COUNTED, counted_by, due_of
from services.workflow.usecases.processes.turns import Doing, close_turns, open_turns

if TYPE_CHECKING:
    from chassis.service import Service

log = logging.getLogger(__name__)

Row = Mapping[str, Any]

def locked(uow: UnitOfWork, id: str) -> Row | None:
    """Return a running instance, nobody else's until the end of this unit of work; None when it does not run."""
    return uow.execute(select(process_instance).where(
        process_instance.c.id == id, process_instance.c.state == RUNNING).with_for_update()).mappings().one_or_none()


class Step:
    """An instance with all that a step of it needs; raises CannotGoOn when its record or its object is gone."""

    def __init__(self, service: Service, uow: UnitOfWork, instance: Row) -> None:
        self.service, self.uow, self.instance, self.now = service, uow, instance, utcnow()
        self.model = _model(service, uow, instance["object"])
        self.record = _record(service, instance)
        self.definition: Definition = _definition(service, uow, instance, self.model)
        self.state: State = state_from_json(instance["body"])
        self.scope = _scope(service, instance["applicant_id"], self.now)

    def take(self, stimulus: Stimulus, deed: Deed) -> Row:
        """Let a stimulus take effect; returns the instance as it is then. Raises CannotGoOn."""
        orders = Orders(self.service, self.uow, self.instance, self.model, self.record, self.scope)
        step = advance(self.definition, self.state, stimulus,
                       Surroundings(self.record, self.scope, self._people, orders.act))
        after = self._kept(step.state)
        self._turns(step.state, deed)
        self._waits(step.state)
        orders.write(self.now)
        throw(self.service, self.uow, step.thrown, self.now)
        send(self.service, self.uow, step.sent, self.now)
        raise_to_caller(self.uow, self.instance, step.raised)
        write_history(self.uow, after["id"], self.now, deed, step.noted)
        return after

    def act(self, node: Node) -> None:
        """Carry out the actions of a node; nothing waits for them. Raises CannotGoOn."""
        orders = Orders(self.service, self.uow, self.instance, self.model, self.record, self.scope)
        orders.act(node)
        orders.write(self.now)

    def name_of(self, node: str | None) -> str:
        """What a node is called."""
        known = self.definition.nodes.get(node or "")
        return known.name if known else ""

    def _kept(self, state: State) -> Row:
        ended = {"state": COMPLETED, "ended_at": self.now} if state.ended else {}
        changed = {"body": state.to_json(), "problem": None, "version": self.instance["version"] + 1,
                   "record_title": self.model.title_of(self.record), **ended}
        self.uow.execute(update(process_instance).where(
            process_instance.c.id == self.instance["id"]).values(changed))
        if state.ended:
            tell_caller(self.service, self.uow, self.instance)
        return dict(self.instance) | changed

    def _turns(self, state: State, deed: Deed) -> None:
        before, after = work_of(self.definition, self.state), work_of(self.definition, state)
        doing = Doing(self.service, self.uow, self.instance, self.now)
        close_turns(doing, before.keys() - after.keys(), deed.task_id, deed.by, deed.what)
        open_turns(doing, [(work, self.definition.nodes[work.node]) for key, work in after.items()
                           if key not in before], self.record, self.model.title_of(self.record))

    def _waits(self, state: State) -> None:
        before, after = waits_of(self.definition, self.state), waits_of(self.definition, state)
        ended = {wait.token for wait in before - after if wait.kind == CALL}
        if ended:
            close_called(self.service, self.uow, self.instance["id"], ended)
        drop_waits(self.uow, self.instance["id"], before - after)
        rows = [self.wait_row(wait, state) for wait in after - before]
        if rows:
            self.uow.execute(process_wait.insert(), rows)
        look_again(self.service, self.uow,
                   {(row["correlation"], row["key"]) for row in rows if row["kind"] == MESSAGE}, self.now)
        if any(row["kind"] == CALL for row in rows):
            self.uow.after_commit(lambda: self.service.wake(CLOCK))

    def wait_row(self, wait: Wait, state: State) -> Row:
        """The row of a wait that begins now. Raises CannotGoOn."""
        timer = self.definition.nodes[wait.node].timer if wait.kind == TIMER else None
        due_at = self.now if wait.kind == CALL else None
        if timer is not None:
            due_at = due_of(timer, wait.node, self.record, self.scope, state.variables)
        return {"instance_id": self.instance["id"], "token": wait.token, "node": wait.node, "kind": wait.kind,
                "key": wait.key, "attempts": 0, "since": self.now, "due_at": due_at,
                "correlation": self._about(wait, state), **(counted_by(timer, self.record) if timer else NOT_COUNTED)}

    def _about(self, wait: Wait, state: State) -> str | None:
        """What a message that is waited for is about."""
        formula = self.definition.nodes[wait.node].correlation
        if wait.kind != MESSAGE or formula is None:
            return str(self.instance["record_id"]) if wait.kind == MESSAGE else None
        value = formula.value(self.record, self.scope, {PROCESS: state.variables})
        if not value or len(str(value)) > MAX_CORRELATION:
            raise CannotGoOn("correlation", wait.node)
        return str(value)

    def _people(self, node: Node) -> tuple[str, ...]:
        """Who a user task is for; when nobody is there, whoever published the process."""
        directory = self.service.directory.snapshot()
        found = people_for(node.people, directory, self.record, self.instance["applicant_id"])
        return tuple(found or [self._keeper(node)])

    def _keeper(self, node: Node) -> str:
        keeper = self.uow.execute(select(process_version.c.by_id).where(
            process_version.c.process_id == self.instance["process_id"],
            process_version.c.number == self.instance["process_version"])).scalar()
        user = self.service.directory.snapshot().users.get(keeper or "")
        if user is None or not user["active"]:
            raise CannotGoOn("nobody", node.id)
        return str(user["id"])


def _scope(service: Service, applicant: str, now: datetime) -> Scope:
    """Conditions speak as of now; `$me` is the applicant."""
    directory = service.directory.snapshot()
    user = directory.users.get(applicant) or {}
    return Scope(now, service.settings.default_timezone, user_id=applicant, department_id=user.get("department_id"),
                 departments_below=directory.departments_below,
                 calendars=lambda id: directory.calendar_of(id, service.settings.default_timezone))


def stepped(service: Service, uow: UnitOfWork, instance: Row, stimulus: Stimulus, deed: Deed,
            refusal: Callable[[Mapping[str, str]], Exception]) -> Row:
    """Take a step; what it cannot do is raised as `refusal` makes it."""
    step = None
    try:
        step = Step(service, uow, instance)
        return step.take(stimulus, deed)
    except CannotGoOn as blocked:
        raise refusal(why(blocked, step.name_of(blocked.node) if step else "")) from None


def act_on_withdrawal(service: Service, uow: UnitOfWork, instance: Row) -> None:
    """Do what a process says of its withdrawal; what cannot be done any more keeps nobody from withdrawing."""
    try:
        start = _definition(service, uow, instance, _model(service, uow, instance["object"])).starts[None]
        if start.withdrawn:
            Step(service, uow, instance).act(replace(start, actions=start.withdrawn))
    except CannotGoOn as blocked:
        log.warning("instance %s was withdrawn without its actions: %s", instance["id"], blocked)


def drop_waits(uow: UnitOfWork, instance_id: str, waits: Iterable[Wait]) -> None:
    """Stop waiting for some events of an instance."""
    gone = [(wait.token, wait.node) for wait in waits]
    if gone:
        uow.execute(delete(process_wait).where(
            process_wait.c.instance_id == instance_id,
            tuple_(process_wait.c.token, process_wait.c.node).in_(gone)))


def _model(service: Service, uow: UnitOfWork, name: str) -> ObjectModel:
    model = find_object(uow, service.calls, name)
    if model is None:
        raise CannotGoOn("object", "")
    return model


def _record(service: Service, instance: Row) -> Row:
    answer = service.calls.request("customer", "GET", f"/v1/records/{instance['object']}/{instance['record_id']}")
    if answer.status == 404:
        raise CannotGoOn("record", "")
    if answer.status != 200:
        raise Problem(503, "unavailable", headers={"Retry-After": "2"})
    return answer.json


def _definition(service: Service, uow: UnitOfWork, instance: Row, model: ObjectModel) -> Definition:
    try:
        return service.parts["processes"].definition(
            uow.connection, instance["process_id"], instance["process_version"], model)
    except Faults as error:
        raise CannotGoOn("definition", error.faults[0].element) from None
