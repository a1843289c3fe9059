"""Call activities: a process calls another published one, waits for it, and takes over what it came to.

The call is a wait that is due at once. The loop of processes starts the other process in the version that is the latest
then, over the same record or over one that a field refers to, and the wait becomes due again when it has ended. What
cannot be called now is tried again, and the instance says why. Depth and number of calls are bounded, so processes that
call each other in a circle stop with a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import cast, exists, func, select, update

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.db.types import PlainText
from chassis.ids import is_id
from services.workflow.metrics import INSTANCES
from services.workflow.model.processes.definition import Definition, Node
from services.workflow.model.processes.reader import PROCESS, Faults
from services.workflow.model.processes.state import APPROVED, DONE, REJECTED
from services.workflow.model.processes.stimuli import Begin, CannotGoOn, Returned
from services.workflow.model.processes.waiting import CALL
from services.workflow.store.objects import find_object
from services.workflow.store.tables import process, process_instance, process_raised, process_wait
from services.workflow.store.waits import this_wait
from services.workflow.usecases.processes.faults import why
from services.workflow.usecases.processes.history import COMPLETED, RUNNING, Deed
from services.workflow.usecases.processes.signals import CLOCK
from services.workflow.usecases.processes.starting import new_instance
from services.workflow.usecases.processes.steps import Step, stepped

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
Refusal = Callable[[Mapping[str, str]], Exception]
MAX_DEPTH, MAX_CALLS = 10, 500  # of calls below one instance
_WOKEN = 500  # at a time
_WAIT, _RAISED = process_wait.c, process_raised.c


def call_or_return(service: Service, uow: UnitOfWork, instance: Row, wait: Any, refusal: Refusal) -> Row | None:
    """Start what an instance calls, or let it go on with what was called; returns the instance once it has moved."""
    if not wait.key:
        _call(service, uow, instance, wait, refusal)
        return None
    heard = uow.execute(select(func.max(_RAISED.due_at)).where(
        _RAISED.instance_id == wait.instance_id, _RAISED.token == wait.token)).scalar()
    if heard is not None:  # it is heard first, and perhaps not yet
        if heard > utcnow():
            uow.execute(update(process_wait).where(*this_wait(wait)).values(due_at=heard))
        return None
    return stepped(service, uow, instance, _returned(uow, wait), Deed(), refusal)


def _call(service: Service, uow: UnitOfWork, instance: Row, wait: Any, refusal: Refusal) -> None:
    child = _child(service, uow, instance, wait, refusal)
    uow.execute(process_instance.insert().values(child))
    row = stepped(service, uow, child, Begin(called=True), Deed(what="started"), refusal)
    uow.after_commit(INSTANCES.labels("started").inc)
    if row["state"] == COMPLETED:
        uow.after_commit(INSTANCES.labels(COMPLETED).inc)
    uow.execute(update(process_wait).where(*this_wait(wait)).values(
        key=child["id"], due_at=utcnow() if row["state"] == COMPLETED else None, attempts=0))
    uow.execute(update(process_instance).where(process_instance.c.id == instance["id"]).values(problem=None))


def _child(service: Service, uow: UnitOfWork, instance: Row, wait: Any, refusal: Refusal) -> Row:
    step = None
    try:
        step = Step(service, uow, instance)
        node = step.definition.nodes[wait.node]
        known = _called(uow, node)
        _check_bounds(uow, instance, node)
        record_id, object = _record(step, node)
        if known["object"] != object:
            raise CannotGoOn("call_other_object", node.id)
        child = new_instance(known, instance["applicant_id"], record_id) | {
            "parent_id": instance["id"], "parent_token": wait.token, "depth": instance["depth"] + 1,
            "root_id": instance["root_id"] or instance["id"]}
        child["body"]["variables"] |= _given(step, node, _definition(service, uow, child, node))
        return child
    except CannotGoOn as blocked:
        raise refusal(why(blocked, step.name_of(blocked.node) if step else "")) from None


def _called(uow: UnitOfWork, node: Node) -> Row:
    named = process.c.id if is_id(node.called) else process.c.key
    known = uow.execute(select(process).where(named == node.called)).mappings().one_or_none()
    if known is None or not known["active"]:
        raise CannotGoOn("call_rests", node.id)
    return known


def _check_bounds(uow: UnitOfWork, instance: Row, node: Node) -> None:
    if instance["depth"] >= MAX_DEPTH:
        raise CannotGoOn("calls_too_deep", node.id, limit=MAX_DEPTH)
    calls = uow.execute(select(func.count()).select_from(process_instance).where(
        process_instance.c.root_id == (instance["root_id"] or instance["id"]))).scalar_one()
    if calls >= MAX_CALLS:
        raise CannotGoOn("too_many_calls", node.id, limit=MAX_CALLS)


def _record(step: Step, node: Node) -> tuple[str, str]:
    """The record that the called process is about, and of which object it is."""
    if not node.about_field:
        return str(step.instance["record_id"]), str(step.instance["object"])
    id = step.record.get(node.about_field)
    if not isinstance(id, str):
        raise CannotGoOn("call_no_record", node.id)
    return id, step.model.fields[node.about_field].target or ""


def _definition(service: Service, uow: UnitOfWork, child: Row, node: Node) -> Definition:
    model = find_object(uow, service.calls, child["object"])
    try:
        if model is None:
            raise CannotGoOn("object", node.id)
        return service.parts["processes"].definition(
            uow.connection, child["process_id"], child["process_version"], model)
    except Faults as error:
        raise CannotGoOn("definition", error.faults[0].element) from None


def _given(step: Step, node: Node, called: Definition) -> dict[str, Any]:
    """What is handed over, as the called process takes it; and it has what is to come back."""
    takes = dict(called.starts[None].takes)
    for name, result, _ in node.gives:
        if takes.get(name) != result:
            raise CannotGoOn("call_not_taken", node.id, variable=name)
    for _, result, of in node.gets:
        if called.variables.get(of) != result:
            raise CannotGoOn("call_not_given", node.id, variable=of)
    return {name: formula.value(step.record, step.scope, {PROCESS: step.state.variables}) if formula else None
            for name, _, formula in node.gives}


def wake_callers(service: Service) -> None:
    """Let go on who waits for a process that has ended without telling him: while an earlier version of the product
    ran after a roll-back, or before calls were known, nobody told."""
    called = process_instance.c
    ended = exists().where(called.parent_id == _WAIT.instance_id, called.parent_token == _WAIT.token,
                           cast(called.id, PlainText()) == _WAIT.key, called.state != RUNNING)
    with service.db.unit_of_work() as uow:
        waits = uow.execute(select(process_wait).where(
            _WAIT.kind == CALL, _WAIT.key != "", _WAIT.due_at.is_(None), ended)
            .order_by(_WAIT.instance_id, _WAIT.token).limit(_WOKEN).with_for_update(skip_locked=True)).all()
        for wait in waits:
            uow.execute(update(process_wait).where(*this_wait(wait)).values(due_at=utcnow()))
        if waits:
            uow.after_commit(lambda: service.wake(CLOCK))


def _returned(uow: UnitOfWork, wait: Any) -> Returned:
    child = uow.execute(select(process_instance).where(process_instance.c.id == wait.key)).mappings().one()
    values = child["body"]["variables"]
    outcome = values.get("outcome") if values.get("outcome") in (APPROVED, REJECTED) else DONE
    return Returned(wait.token, outcome if child["state"] == COMPLETED else child["state"], values)
